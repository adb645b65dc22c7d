// Goal: the index tells where large batches lie without a look at them, and is never believed too long: after a
// truncation, a rebuild or a reopening every offset is found where the file holds it.

#include <algorithm>

#include "fixture.h"
#include "io/faulty_file_system.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr size_t kPayload = 500;
constexpr int64_t kBatch = static_cast<int64_t>(kBatchHeaderSize + kPayload);
// More than the ends of batches that are remembered at the tail.
constexpr int64_t kMany = 300;
const LogOptions kOptions{.index_interval_bytes = 256};

// Batches of three records, each of its size.
template <typename SizeOf>
void Fill(World& world, LogHandle log, int64_t from, int64_t to, SizeOf payload_of) {
  for (int64_t i = from; i < to; ++i) {
    const BatchSpec spec{.base_offset = i * 3, .records = 3, .payload = payload_of(i)};
    if (i + 1 < to) {
      world.AppendAsync(log, spec);
    } else {
      REQUIRE(world.Append(log, spec));
    }
  }
}
size_t Alike(int64_t) { return kPayload; }
// One in three is too small for an entry of its own.
size_t Mixed(int64_t i) { return i % 3 == 0 ? 20 : kPayload; }

LookupResult Find(World& world, LogHandle log, int64_t offset, int64_t max_offset = INT64_MAX) {
  return world.store.Lookup(
      log, {.offset = offset, .max_offset = max_offset, .max_bytes = 2 * kBatch, .at_least_one_batch = true});
}

// By walking the file: the batch that holds each offset is the one a lookup names, and ranges are whole batches.
void CheckEveryOffset(World& world, LogHandle log, int64_t end) {
  const auto segment = world.store.Range(log, 0, 0, 0).file;
  REQUIRE(segment != nullptr);
  const ByteVector file = ReadFile(segment->path());
  std::vector<int64_t> boundaries;
  for (int64_t position = 0, offset = 0; position < static_cast<int64_t>(file.size());) {
    const auto header = ParseBatchHeader(std::span<const std::byte>(file).subspan(static_cast<size_t>(position)));
    REQUIRE(header.has_value());
    boundaries.push_back(position);
    for (; offset <= std::min(header->last_offset(), end - 1); ++offset) {
      const auto found = Find(world, log, offset);
      REQUIRE(found.status == LookupStatus::Found);
      CHECK_EQ(found.position, position);
      const auto cut = Find(world, log, offset, header->last_offset() + 1);
      CHECK_EQ(cut.length, header->size);
    }
    position += header->size;
  }
  boundaries.push_back(static_cast<int64_t>(file.size()));
  for (int64_t offset = 0; offset < end; ++offset) {
    const auto found = Find(world, log, offset);
    CHECK(std::binary_search(boundaries.begin(), boundaries.end(), found.position + found.length));
  }
}

}  // namespace

TEST(large_batches_are_found_without_a_read) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0"}).log;
  Fill(world, log, 0, kMany, Alike);
  CheckEveryOffset(world, log, kMany * 3);
  const int before = files.calls(Op::Read);
  // The first two have no entry, or none to follow.
  for (int64_t offset = 9; offset < 450; ++offset) CHECK_EQ(Find(world, log, offset).position, offset / 3 * kBatch);
  CHECK_EQ(files.calls(Op::Read), before);
}

TEST(small_batches_between_large_ones_are_looked_at) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0"}).log;
  Fill(world, log, 0, kMany, Mixed);
  CheckEveryOffset(world, log, kMany * 3);
}

TEST(truncation_ends_what_was_known) {
  for (const int64_t at : {kMany - 1, kMany - 2, int64_t{150}, int64_t{2}, int64_t{1}}) {
    check::TempDirectory dir;
    World world;
    const auto log = world.Open({.log = kOptions, .directory = dir / "t-0"}).log;
    Fill(world, log, 0, kMany, Alike);
    CHECK(world.Call([&](uint32_t t) { world.store.Truncate(log, at * 3, t); }).status.ok());
    CHECK(Find(world, log, at * 3).status == LookupStatus::Empty);
    // From now on only every second batch has an entry, in the place of one that had.
    world.store.Configure(log, {.index_interval_bytes = static_cast<int32_t>(kBatch + 100)});
    Fill(world, log, at, at + kMany, Alike);
    CheckEveryOffset(world, log, (at + kMany) * 3);
  }
}

TEST(deleted_records_are_not_found_and_the_rest_stays) {
  check::TempDirectory dir;
  World world;
  const LogOptions options{.segment_bytes = 50 * kBatch, .index_interval_bytes = kOptions.index_interval_bytes};
  const auto log = world.Open({.log = options, .directory = dir / "t-0"}).log;
  Fill(world, log, 0, kMany, Alike);
  CHECK_EQ(Find(world, log, 10).position, 3 * kBatch);
  CHECK(world.Call([&](uint32_t t) { world.store.AdvanceStart(log, 400, t); }).status.ok());
  CHECK(Find(world, log, 10).status == LookupStatus::OutOfRange);
  CHECK(Find(world, log, 399).status == LookupStatus::OutOfRange);
  for (int64_t offset = 400; offset < kMany * 3; ++offset) {
    const auto found = Find(world, log, offset);
    CHECK_EQ(found.segment, offset / 150 * 150);
    CHECK_EQ(found.position, (offset - found.segment) / 3 * kBatch);
  }
}

TEST(a_failed_append_ends_what_was_known) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0"}).log;
  Fill(world, log, 0, kMany, Alike);
  files.Plan(Op::Write, {.error = ENOSPC, .torn_bytes = 300});
  CHECK(!world.Append(log, {.base_offset = kMany * 3, .records = 3, .payload = 20}));
  world.store.Resume(log);
  Fill(world, log, kMany, 2 * kMany, Mixed);
  CheckEveryOffset(world, log, 2 * kMany * 3);
}

TEST(a_reopened_log_is_read_and_goes_on) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  {
    World world;
    const auto log = world.Open({.log = kOptions, .directory = directory}).log;
    Fill(world, log, 0, kMany, Mixed);
    CHECK(world.Close(log).ok());
  }
  for (const int64_t recovery_point : {kCleanStop, int64_t{0}}) {
    World world;
    const auto log =
        world.Open({.log = kOptions, .directory = directory, .recovery_point = recovery_point}).log;
    CheckEveryOffset(world, log, recovery_point == kCleanStop ? kMany * 3 : 2 * kMany * 3);
    if (recovery_point == kCleanStop) Fill(world, log, kMany, 2 * kMany, Alike);
    CheckEveryOffset(world, log, 2 * kMany * 3);
    CHECK(world.Close(log).ok());
  }
}

CHECK_MAIN()
