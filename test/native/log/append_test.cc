// Goal: what is appended is on disk in Kafka's layout and found again, across rolls and reopening.

#include <algorithm>

#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

// A lookup's bytes, read from the segment it names.
ByteVector Bytes(LogStore& store, LogHandle log, const LookupResult& found) {
  const auto segment = store.Range(log, found.segment, 0, 0).file;
  REQUIRE(segment != nullptr);
  const ByteVector file = ReadFile(segment->path());
  REQUIRE(found.position + found.length <= static_cast<int64_t>(file.size()));
  const auto from = file.begin() + found.position;
  return ByteVector(from, from + found.length);
}

int Code(LookupStatus s) { return static_cast<int>(s); }

LookupQuery Query(int64_t offset, int32_t max_bytes = 1 << 20, int64_t max_offset = INT64_MAX) {
  return {.offset = offset, .max_offset = max_offset, .max_bytes = max_bytes, .at_least_one_batch = true};
}

}  // namespace

TEST(appends_are_found_by_offset) {
  check::TempDirectory dir;
  World world;
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK_EQ(opened.log_end_offset, 0);
  ByteVector all;
  for (int64_t i = 0; i < 10; ++i) {
    const BatchSpec spec{.base_offset = i * 3, .records = 3};
    CHECK(world.Append(opened.log, spec));
    const ByteVector batch = MakeBatch(spec);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  CHECK_EQ(world.recorder.appended(opened.log), 30);
  CHECK(ReadFile(dir / "t-0/00000000000000000000.log") == all);
  const auto size = static_cast<int64_t>(all.size() / 10);
  for (int64_t offset = 0; offset < 30; ++offset) {
    const auto found = world.store.Lookup(opened.log, Query(offset));
    CHECK_EQ(Code(found.status), Code(LookupStatus::Found));
    CHECK_EQ(found.position, offset / 3 * size);
    CHECK_EQ(found.length, static_cast<int64_t>(all.size()) - found.position);
    CHECK_EQ(found.end_offset, 30);
  }
  CHECK_EQ(Code(world.store.Lookup(opened.log, Query(30)).status), Code(LookupStatus::Empty));
  CHECK_EQ(Code(world.store.Lookup(opened.log, Query(31)).status), Code(LookupStatus::OutOfRange));
  CHECK_EQ(Code(world.store.Lookup(opened.log, Query(-1)).status), Code(LookupStatus::OutOfRange));
  CHECK_EQ(Code(world.store.Lookup(99, Query(0)).status), Code(LookupStatus::Failed));
  // The largest offset cuts at a batch boundary, the budget too, and one batch comes whatever the budget is.
  CHECK_EQ(world.store.Lookup(opened.log, Query(0, 1 << 20, 7)).length, 2 * size);
  CHECK_EQ(world.store.Lookup(opened.log, Query(0, static_cast<int32_t>(3 * size + 5))).length, 3 * size);
  CHECK_EQ(world.store.Lookup(opened.log, Query(4, 1)).length, size);
  auto strict = Query(4, 1);
  strict.at_least_one_batch = false;
  CHECK_EQ(Code(world.store.Lookup(opened.log, strict).status), Code(LookupStatus::Empty));
}

// The ring answers near the tail and the files answer everywhere: both must say the same.
TEST(lookup_agrees_with_a_model_before_and_after_reopening) {
  check::TempDirectory dir;
  const LogOptions options{.segment_bytes = 20'000, .index_interval_bytes = 700, .segment_index_bytes = 4096};
  std::vector<std::pair<BatchSpec, int64_t>> model;  // With the size.
  {
    World world;
    const auto opened = world.Open({.log = options, .directory = dir / "t-0"});
    int64_t offset = 0;
    for (int i = 0; i < 400; ++i) {
      const BatchSpec spec{.base_offset = offset, .records = 1 + i % 4, .payload = static_cast<size_t>(20 + i * 37 % 900)};
      world.AppendAsync(opened.log, spec);
      model.push_back({spec, static_cast<int64_t>(kBatchHeaderSize + spec.payload)});
      offset += spec.records;
    }
    CHECK(world.Append(opened.log, {.base_offset = offset}));
    model.push_back({{.base_offset = offset}, static_cast<int64_t>(kBatchHeaderSize + 100)});
    CHECK(!world.recorder.order_broken());
    CHECK(world.recorder.rolled().size() >= 8);
    CHECK(world.Close(opened.log).ok());
  }
  World world;
  const auto opened = world.Open({.log = options, .directory = dir / "t-0", .recovery_point = kCleanStop});
  CHECK_EQ(opened.recovered_segments, 0);
  CHECK_EQ(opened.truncated_bytes, 0);
  const int64_t end = model.back().first.base_offset + 1;
  CHECK_EQ(opened.log_end_offset, end);
  for (size_t i = 0; i < model.size(); ++i) {
    const BatchSpec& spec = model[i].first;
    for (int64_t offset = spec.base_offset; offset < spec.base_offset + spec.records; ++offset) {
      for (const int32_t budget : {1, 900, 5000, 1 << 20}) {
        for (const int64_t max_offset : {end, std::min(end, spec.base_offset + 7)}) {
          const auto found = world.store.Lookup(opened.log, Query(offset, budget, max_offset));
          if (max_offset < spec.base_offset + spec.records) {
            CHECK_EQ(Code(found.status), Code(LookupStatus::Empty));
            continue;
          }
          REQUIRE(found.status == LookupStatus::Found);
          const ByteVector bytes = Bytes(world.store, opened.log, found);
          const auto header = ParseBatchHeader(bytes);
          REQUIRE(header.has_value());
          CHECK_EQ(header->base_offset, spec.base_offset);
          // Whole valid batches, below the largest offset, within the budget unless it is a single batch.
          std::span<const std::byte> rest(bytes);
          int64_t last = -1;
          int batches = 0;
          while (!rest.empty()) {
            const auto next = ParseBatchHeader(rest);
            REQUIRE(next.has_value() && next->size <= static_cast<int64_t>(rest.size()));
            last = next->last_offset();
            rest = rest.subspan(static_cast<size_t>(next->size));
            ++batches;
          }
          CHECK(last < max_offset);
          CHECK(found.length <= budget || batches == 1);
          CHECK(found.end_offset > last);
          CHECK(found.end_offset <= max_offset);
        }
      }
    }
  }
}

TEST(rolls_by_size_age_index_and_offset) {
  check::TempDirectory dir;
  World world;
  const auto files = [&](const LogOptions& options, std::vector<BatchSpec> specs) {
    static int n = 0;
    const auto opened = world.Open({.log = options, .directory = dir / ("t-" + std::to_string(n++))});
    std::shared_ptr<Barrier::Outcome> last;
    for (const auto& spec : specs) last = world.AppendAsync(opened.log, spec);
    CHECK(last->Wait());
    std::vector<int64_t> bases;
    for (const auto& info : world.store.Segments(opened.log)) bases.push_back(info.base_offset);
    return bases;
  };
  // 161 bytes each: the second fills the segment exactly, the third does not fit.
  CHECK(files({.segment_bytes = 322}, {{.base_offset = 0}, {.base_offset = 1}, {.base_offset = 2}}) ==
        (std::vector<int64_t>{0, 2}));
  // Age counts from the first batch of the segment; equal to the limit is not over it.
  CHECK(files({.segment_ms = 50}, {{.base_offset = 0, .timestamp = 100},
                                   {.base_offset = 1, .timestamp = 150},
                                   {.base_offset = 2, .timestamp = 151},
                                   {.base_offset = 3, .timestamp = 90}}) == (std::vector<int64_t>{0, 2}));
  // Two offset entries fit 16 bytes, and the time index keeps one of its slots for the roll.
  CHECK(files({.index_interval_bytes = 0, .segment_index_bytes = 36},
              {{.base_offset = 0, .timestamp = 1},
               {.base_offset = 1, .timestamp = 2},
               {.base_offset = 2, .timestamp = 3},
               {.base_offset = 3, .timestamp = 4}}) == (std::vector<int64_t>{0, 3}));
  // Relative offsets are int32.
  const int64_t far = int64_t{INT32_MAX} + 1;
  CHECK(files({}, {{.base_offset = 0}, {.base_offset = far}}) == (std::vector<int64_t>{0, far}));
  CHECK(files({}, {{.base_offset = 0}, {.base_offset = far - 1}}) == (std::vector<int64_t>{0}));
}

// Computed by hand from Kafka's rules; interval 300, batches of 161 bytes.
TEST(indexes_are_byte_exact) {
  check::TempDirectory dir;
  const LogOptions options{.index_interval_bytes = 300, .segment_index_bytes = 1000};
  const std::string base = dir / "t-0/00000000000000000000";
  World world;
  const auto opened = world.Open({.log = options, .directory = dir / "t-0"});
  // Positions 0, 161, 322, 483, 644. Bytes since the last entry before each: 0, 161, 322 (entry), 161, 322 (entry).
  const int64_t timestamps[] = {10, 50, 20, 60, 30};
  for (int64_t i = 0; i < 5; ++i) {
    CHECK(world.Append(opened.log, {.base_offset = i * 2, .records = 2, .timestamp = timestamps[i]}));
  }
  // Preallocated to the limit rounded down to whole entries.
  CHECK_EQ(ReadFile(base + ".index").size(), 1000u);
  CHECK_EQ(ReadFile(base + ".timeindex").size(), 996u);
  CHECK(world.Append(opened.log, {.base_offset = 10, .records = 1, .timestamp = 99}));
  CHECK(world.Call([&](uint32_t t) { world.store.Roll(opened.log, t); }).status.ok());
  ByteVector index(16), time(36);
  StoreInt32(index.data(), 5);  // Last offset of the third batch.
  StoreInt32(index.data() + 4, 322);
  StoreInt32(index.data() + 8, 9);
  StoreInt32(index.data() + 12, 644);
  StoreInt64(time.data(), 50);  // Largest so far, held by the second batch.
  StoreInt32(time.data() + 8, 3);
  StoreInt64(time.data() + 12, 60);
  StoreInt32(time.data() + 20, 7);
  StoreInt64(time.data() + 24, 99);  // Owed at roll.
  StoreInt32(time.data() + 32, 10);
  CHECK(ReadFile(base + ".index") == index);
  CHECK(ReadFile(base + ".timeindex") == time);
  CHECK(Exists(dir / "t-0/00000000000000000011.log"));
  CHECK(world.Close(opened.log).ok());
  CHECK_EQ(ReadFile(dir / "t-0/00000000000000000011.index").size(), 0u);

  // Lost indexes come back byte for byte, though nothing is scanned after a clean stop.
  ::unlink((base + ".index").c_str());
  ::unlink((base + ".timeindex").c_str());
  World again;
  const auto reopened = again.Open({.log = options, .directory = dir / "t-0", .recovery_point = kCleanStop});
  CHECK_EQ(reopened.recovered_segments, 1);
  CHECK_EQ(reopened.log_end_offset, 11);
  CHECK(ReadFile(base + ".index") == index);
  CHECK(ReadFile(base + ".timeindex") == time);
}

TEST(continues_an_active_segment_after_reopening) {
  check::TempDirectory dir;
  const LogOptions options{.index_interval_bytes = 300};
  for (int64_t round = 0; round < 5; ++round) {
    World world;
    const auto opened = world.Open({.log = options, .directory = dir / "t-0", .recovery_point = kCleanStop});
    CHECK_EQ(opened.log_end_offset, round * 7);
    CHECK_EQ(opened.recovered_segments, 0);
    for (int64_t i = 0; i < 7; ++i) CHECK(world.Append(opened.log, {.base_offset = round * 7 + i}));
    CHECK(world.Close(opened.log).ok());
  }
  // The offset index does not depend on where the log was closed in between.
  const std::string base = dir / "t-0/00000000000000000000";
  const ByteVector index = ReadFile(base + ".index");
  CHECK_EQ(index.size(), 8u * (35 - 1) / 2);
  ::unlink((base + ".index").c_str());
  World world;
  world.Open({.log = options, .directory = dir / "t-0", .recovery_point = kCleanStop});
  CHECK(ReadFile(base + ".index") == index);
}

TEST(several_batches_in_one_append) {
  check::TempDirectory dir;
  World world;
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  ByteVector bytes = MakeBatch({.base_offset = 0, .records = 2});
  const ByteVector second = MakeBatch({.base_offset = 2, .records = 3});
  const auto size = static_cast<int64_t>(bytes.size());
  bytes.insert(bytes.end(), second.begin(), second.end());
  auto copied = HeapBytes::CopyOf(bytes);
  auto outcome = std::make_shared<Barrier::Outcome>();
  world.store.Append(opened.log, {.bytes = copied.bytes,
                                  .owner = std::move(copied.ref),
                                  .base_offset = 0,
                                  .end_offset = 5,
                                  .max_timestamp = 1000,
                                  .record_count = 5,
                                  .barrier = new Barrier(outcome)});
  CHECK(outcome->Wait());
  CHECK_EQ(world.store.Lookup(opened.log, Query(3)).position, size);
  CHECK_EQ(world.store.Lookup(opened.log, Query(1)).position, 0);
}

TEST(stale_handles_are_refused) {
  check::TempDirectory dir;
  World world;
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK(world.Close(opened.log).ok());
  CHECK(!world.Append(opened.log, {.base_offset = 0}));
  CHECK_EQ(world.Close(opened.log).error(), EBADF);
  CHECK(world.store.Range(opened.log, 0, 0, 0).file == nullptr);
  CHECK_EQ(world.Open({.log = {}, .directory = dir / "t-1"}).log, opened.log);
  CHECK_EQ(world.TryOpen({.log = {}, .directory = dir / "missing/t-1"}).status.error(), ENOENT);
}

CHECK_MAIN()
