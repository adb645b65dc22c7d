// Goal: truncate, advanceStart, timestamps, copied reads and handles do what the door promises.

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

#include "io/faulty_file_system.h"
#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kBatch = 161;

class OneLog {
 public:
  explicit OneLog(const LogOptions& options) : options_(options) { Reopen(0); }

  void Reopen(int64_t recovery_point) {
    if (log_ >= 0) CHECK(world.Close(log_).ok());
    opened = world.Open({.log = options_, .directory = path(), .recovery_point = recovery_point});
    log_ = opened.log;
  }
  void Fill(int64_t from, int64_t to, int64_t timestamp = 1000, int64_t step = 1) {
    for (int64_t i = from; i < to; ++i) {
      CHECK(world.Append(log_, {.base_offset = i, .timestamp = timestamp + (i - from) * step}));
    }
  }
  std::string path() const { return dir_ / "t-0"; }
  LogHandle log() const { return log_; }

  Result<int64_t> Truncate(int64_t offset) {
    auto done = world.Call([&](uint32_t t) { world.store.Truncate(log_, offset, t); });
    if (!done.status.ok()) return done.status;
    return std::get<int64_t>(done.payload);
  }
  Status AdvanceStart(int64_t offset) {
    return world.Call([&](uint32_t t) { world.store.AdvanceStart(log_, offset, t); }).status;
  }
  std::optional<TimestampHit> At(int64_t timestamp, int64_t max_offset = INT64_MAX) {
    auto done = world.Call([&](uint32_t t) { world.store.FindTimestamp(log_, timestamp, max_offset, t); });
    CHECK(done.status.ok());
    return std::get<std::optional<TimestampHit>>(done.payload);
  }
  std::optional<TimestampHit> Max(int64_t max_offset = INT64_MAX) {
    auto done = world.Call([&](uint32_t t) { world.store.FindMaxTimestamp(log_, max_offset, t); });
    CHECK(done.status.ok());
    return std::get<std::optional<TimestampHit>>(done.payload);
  }
  LookupResult Lookup(int64_t offset) {
    return world.store.Lookup(log_, {.offset = offset, .max_offset = INT64_MAX, .max_bytes = 1, .at_least_one_batch = true});
  }
  std::vector<int64_t> Bases() {
    std::vector<int64_t> bases;
    for (const auto& info : world.store.Segments(log_)) bases.push_back(info.base_offset);
    return bases;
  }

 private:
  check::TempDirectory dir_;
  LogOptions options_;
  LogHandle log_ = -1;

 public:
  World world;
  OpenedLog opened;
};

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

}  // namespace

TEST(truncate_removes_everything_at_or_above) {
  const LogOptions options{.segment_bytes = 5 * kBatch, .index_interval_bytes = 100};
  for (int64_t at = 0; at <= 20; ++at) {
    OneLog one(options);
    one.Fill(0, 20);
    CHECK_EQ(one.Truncate(at).value(), at);
    CHECK(one.Lookup(at).status == LookupStatus::Empty);
    if (at > 0) CHECK(one.Lookup(at - 1).status == LookupStatus::Found);
    one.Fill(at, 23);
    for (int64_t i = 0; i < 23; ++i) CHECK_EQ(one.Lookup(i).end_offset, i + 1);
    one.Reopen(kCleanStop);
    CHECK_EQ(one.opened.recovered_segments, 0);
    CHECK_EQ(one.opened.log_end_offset, 23);
    one.Reopen(0);
    CHECK_EQ(one.opened.truncated_bytes, 0);
    CHECK_EQ(one.opened.log_end_offset, 23);
  }
}

TEST(truncate_inside_a_batch_drops_the_batch) {
  OneLog one({});
  CHECK(one.world.Append(one.log(), {.base_offset = 0, .records = 5}));
  CHECK(one.world.Append(one.log(), {.base_offset = 5, .records = 5}));
  CHECK_EQ(one.Truncate(7).value(), 7);
  CHECK_EQ(std::filesystem::file_size(one.path() + "/00000000000000000000.log"), static_cast<uint64_t>(kBatch));
  CHECK_EQ(one.Truncate(100).value(), 7);
  CHECK(!one.Truncate(-1).ok());
}

TEST(truncate_below_the_start_begins_anew) {
  OneLog one({.segment_bytes = 5 * kBatch});
  one.Fill(0, 20);
  CHECK(one.AdvanceStart(12).ok());
  CHECK_EQ(one.Truncate(3).value(), 3);
  CHECK(one.Bases() == (std::vector<int64_t>{3}));
  one.Fill(3, 6);
  CHECK_EQ(one.Lookup(4).segment, 3);
}

TEST(advance_start_deletes_whole_segments_only) {
  OneLog one({.segment_bytes = 5 * kBatch});
  one.Fill(0, 20);
  CHECK(one.AdvanceStart(4).ok());
  CHECK_EQ(one.Bases().size(), 4u);
  CHECK(one.Lookup(3).status == LookupStatus::OutOfRange);
  CHECK(one.Lookup(4).status == LookupStatus::Found);
  const auto held = one.world.store.Range(one.log(), 5, 0, 0).file;
  CHECK(one.AdvanceStart(11).ok());
  CHECK(one.Bases() == (std::vector<int64_t>{10, 15}));
  // The holder of a slice still reads the bytes, opening the file only now.
  CHECK_EQ(held->path(), one.path() + "/00000000000000000005.log.deleted");
  CHECK(held->Acquire().ok());
  CHECK_EQ(one.AdvanceStart(21).error(), EINVAL);
  CHECK(one.AdvanceStart(20).ok());
  CHECK(one.Bases() == (std::vector<int64_t>{15}));
  CHECK(one.Lookup(20).status == LookupStatus::Empty);
  one.Fill(20, 21);
  CHECK(one.Lookup(20).status == LookupStatus::Found);
}

TEST(timestamps_name_the_exact_record) {
  OneLog one({.segment_bytes = 400, .index_interval_bytes = 50});
  // Ten batches of four records; the timestamps of batch i are 100 * i to 100 * i + 3.
  for (int64_t i = 0; i < 10; ++i) {
    CHECK(one.world.Append(one.log(), {.base_offset = i * 4, .records = 4, .timestamp = i * 100, .walkable = true}));
  }
  CHECK(one.Bases().size() > 1);
  for (int64_t t = 0; t < 910; ++t) {
    const auto hit = one.At(t);
    const int64_t batch = t % 100 <= 3 ? t / 100 : t / 100 + 1;
    if (batch >= 10) {
      CHECK(!hit.has_value());
      continue;
    }
    REQUIRE(hit.has_value());
    const int64_t inside = t % 100 <= 3 ? t % 100 : 0;
    CHECK_EQ(hit->offset, batch * 4 + inside);
    CHECK_EQ(hit->timestamp, batch * 100 + inside);
    CHECK_EQ(hit->leader_epoch, 5);
    CHECK(hit->batch.empty());
  }
  CHECK(!one.At(902, 38).has_value());
  CHECK_EQ(one.At(901, 38)->offset, 37);
  CHECK_EQ(one.Max()->offset, 39);
  CHECK_EQ(one.Max()->timestamp, 903);
  CHECK_EQ(one.Max(16)->offset, 15);
  CHECK(one.AdvanceStart(5).ok());
  CHECK_EQ(one.At(0)->offset, 5);
  CHECK(!one.Max(0).has_value());
}

TEST(timestamps_out_of_order) {
  OneLog one({.index_interval_bytes = 50});
  const int64_t timestamps[] = {50, 10, 90, 20, 90, 30};
  for (int64_t i = 0; i < 6; ++i) {
    CHECK(one.world.Append(one.log(), {.base_offset = i, .timestamp = timestamps[i], .walkable = true}));
  }
  CHECK_EQ(one.At(5)->offset, 0);
  CHECK_EQ(one.At(50)->offset, 0);
  CHECK_EQ(one.At(51)->offset, 2);
  CHECK_EQ(one.At(90)->offset, 2);
  CHECK(!one.At(91).has_value());
  CHECK_EQ(one.Max()->offset, 2);
  CHECK_EQ(one.Max(2)->offset, 0);
}

TEST(compressed_batches_are_handed_over) {
  OneLog one({});
  const BatchSpec spec{.base_offset = 0, .records = 3, .timestamp = 70, .attributes = 4};
  CHECK(one.world.Append(one.log(), spec));
  const auto hit = one.At(60);
  REQUIRE(hit.has_value());
  CHECK_EQ(hit->offset, 0);
  CHECK(hit->batch == MakeBatch(spec));
  CHECK(one.Max()->batch == MakeBatch(spec));
}

TEST(copied_bytes_and_headers) {
  OneLog one({.segment_bytes = 5 * kBatch, .index_interval_bytes = 100});
  one.Fill(0, 12);
  const auto bytes = [&](int64_t offset, int64_t max_offset, int32_t max_bytes) {
    return one.world.Call([&](uint32_t t) { one.world.store.ReadBytes(one.log(), offset, max_offset, max_bytes, t); });
  };
  auto done = bytes(3, 100, 1 << 20);
  CHECK_EQ(std::get<ByteVector>(done.payload).size(), static_cast<size_t>(2 * kBatch));
  CHECK_EQ(ParseBatchHeader(std::get<ByteVector>(done.payload))->base_offset, 3);
  CHECK_EQ(std::get<ByteVector>(bytes(5, 7, 1 << 20).payload).size(), static_cast<size_t>(2 * kBatch));
  CHECK_EQ(std::get<ByteVector>(bytes(5, 7, 1).payload).size(), static_cast<size_t>(kBatch));
  CHECK(std::get<ByteVector>(bytes(12, 100, 1).payload).empty());
  CHECK_EQ(bytes(13, 100, 1).status.error(), ERANGE);
  done = one.world.Call([&](uint32_t t) { one.world.store.ReadHeaders(one.log(), 2, 7, t); });
  const auto& headers = std::get<ByteVector>(done.payload);
  CHECK_EQ(headers.size(), 7 * kBatchHeaderSize);
  for (size_t i = 0; i < headers.size() / kBatchHeaderSize; ++i) {
    CHECK_EQ(LoadInt64(headers.data() + i * kBatchHeaderSize), static_cast<int64_t>(2 + i));
  }
  done = one.world.Call([&](uint32_t t) { one.world.store.ReadHeaders(one.log(), 10, 100, t); });
  CHECK_EQ(std::get<ByteVector>(done.payload).size(), 2 * kBatchHeaderSize);
}

TEST(segment_infos) {
  OneLog one({.segment_bytes = 5 * kBatch});
  one.Fill(0, 7, 500, 10);
  auto infos = one.world.store.Segments(one.log());
  CHECK_EQ(infos.size(), 2u);
  CHECK_EQ(infos[0].size_bytes, 5 * kBatch);
  CHECK_EQ(infos[0].max_timestamp, 540);
  CHECK_EQ(infos[1].max_timestamp, 560);
  CHECK(infos[1].last_modified_ms > 1'600'000'000'000);
  one.Reopen(kCleanStop);
  infos = one.world.store.Segments(one.log());
  CHECK_EQ(infos[0].max_timestamp, 540);
  CHECK_EQ(infos[1].max_timestamp, 560);
}

TEST(forced_roll_and_configure) {
  OneLog one({});
  one.Fill(0, 3);
  const auto roll = [&] { return one.world.Call([&](uint32_t t) { one.world.store.Roll(one.log(), t); }).status.ok(); };
  CHECK(roll());
  CHECK(roll());  // Nothing to roll in an empty segment.
  CHECK(one.Bases() == (std::vector<int64_t>{0, 3}));
  one.world.store.Configure(one.log(), {.segment_bytes = 2 * kBatch});
  one.Fill(3, 6);
  CHECK(one.Bases() == (std::vector<int64_t>{0, 3, 5}));
}

TEST(idle_logs_hold_no_descriptors) {
  check::TempDirectory dir;
  constexpr int kLogs = 2000;
  World world(RealFileSystem(), {.log_threads = 2, .open_files_max = 100, .mappings_max = 200});
  const size_t before = OpenDescriptors();
  std::vector<LogHandle> logs;
  for (int i = 0; i < kLogs; ++i) {
    world.store.Open(static_cast<uint32_t>(100'000 + i), {.log = {}, .directory = dir / ("t-" + std::to_string(i))});
  }
  for (int i = 0; i < kLogs; ++i) {
    auto done = world.recorder.Await(static_cast<uint32_t>(100'000 + i));
    REQUIRE(done.status.ok());
    logs.push_back(std::get<OpenedLog>(done.payload).log);
  }
  CHECK_EQ(OpenDescriptors(), before);
  // Used ones stay within the caches, and those that lost their descriptor or mapping still work.
  for (int round = 0; round < 2; ++round) {
    std::vector<std::shared_ptr<Barrier::Outcome>> outcomes;
    for (const LogHandle log : logs) outcomes.push_back(world.AppendAsync(log, {.base_offset = round}));
    for (const auto& outcome : outcomes) CHECK(outcome->Wait());
  }
  CHECK(OpenDescriptors() <= before + 100);
  for (const LogHandle log : logs) {
    const auto found = world.store.Lookup(log, {.offset = 1, .max_offset = 2, .max_bytes = 1000});
    CHECK(found.status == LookupStatus::Found);
  }
}

CHECK_MAIN()
