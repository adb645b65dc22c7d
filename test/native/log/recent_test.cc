// Goal: what is recalled from memory for a range of a log is byte for byte what its file holds there.
// Method: two logs share a little memory; batches of all sizes, in one piece and with the other log's in between,
// with rolls and truncations.

#include <random>

#include "fixture.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr LogOptions kOptions{.segment_bytes = 60'000};

struct Seen {
  int recalled = 0;
  int in_one_piece = 0;  // Of several batches.
  int left_to_the_file = 0;
};

void Recall(World& world, RecentBytes& recent, LogHandle log, const LookupQuery& query, Seen& seen) {
  const LookupResult found = world.store.Lookup(log, query);
  if (found.status != LookupStatus::Found) return;
  const SegmentRange range = world.store.Range(log, found.segment, found.position, found.length);
  REQUIRE(range.file != nullptr);
  ByteVector bytes(static_cast<size_t>(found.length));
  if (range.recent < 0 || !recent.Read(range.recent, bytes)) {
    ++seen.left_to_the_file;
    return;
  }
  ++seen.recalled;
  if (ParseBatchExtent(bytes)->size < found.length) ++seen.in_one_piece;
  const ByteVector file = ReadFile(range.file->path());
  CHECK(std::equal(bytes.begin(), bytes.end(), file.begin() + found.position));
}

}  // namespace

TEST(recalled_ranges_are_those_of_the_file) {
  Seen seen;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    check::TempDirectory dir;
    RecentBytes recent(20'000);
    World world(RealFileSystem(), {.recent = &recent});
    const LogHandle logs[] = {world.Open({.log = kOptions, .directory = dir / "t-0"}).log,
                              world.Open({.log = kOptions, .directory = dir / "t-1"}).log};
    int64_t ends[] = {0, 0};
    for (int step = 0; step < 200; ++step) {
      // The other log's batches differ by their timestamps.
      const size_t at = random() % 2;
      for (int several = static_cast<int>(random() % 4); several >= 0; --several) {
        const size_t payload = random() % 12 == 0 ? 5'000 : random() % 700;
        const auto timestamp = static_cast<int64_t>(1'000 * (at + 1));
        CHECK(world.Append(logs[at], {.base_offset = ends[at], .timestamp = timestamp, .payload = payload}));
        ++ends[at];
      }
      if (random() % 25 == 0) {
        const int64_t to = ends[at] - std::min<int64_t>(ends[at], static_cast<int64_t>(random() % 6));
        const auto done = world.Call([&](uint32_t t) { world.store.Truncate(logs[at], to, t); });
        CHECK(done.status.ok());
        ends[at] = to;
      }
      for (const size_t i : {size_t{0}, size_t{1}}) {
        const int64_t offset = ends[i] - 1 - static_cast<int64_t>(random() % 20);
        Recall(world, recent, logs[i],
               {.offset = std::max<int64_t>(offset, 0),
                .max_offset = ends[i],
                .max_bytes = static_cast<int32_t>(random() % 3'000),
                .at_least_one_batch = true},
               seen);
      }
    }
  }
  CHECK(seen.recalled > 100);
  CHECK(seen.in_one_piece > 10);
  CHECK(seen.left_to_the_file > 100);
}

// Batches of the other log of exactly the length of the one that was too large to keep: places and positions differ
// by as much, and the bytes in between are another's.
TEST(a_gap_filled_by_another_log_is_not_recalled) {
  check::TempDirectory dir;
  RecentBytes recent;
  World world(RealFileSystem(), {.recent = &recent});
  const auto log = world.Open({.log = {}, .directory = dir / "t-0"}).log;
  const auto other = world.Open({.log = {}, .directory = dir / "t-1"}).log;
  constexpr size_t kHeader = kBatchHeaderSize;
  CHECK(world.Append(log, {.base_offset = 0, .payload = 100}));
  CHECK(world.Append(log, {.base_offset = 1, .payload = 6'000 - kHeader}));
  for (int64_t i = 0; i < 2; ++i) CHECK(world.Append(other, {.base_offset = i, .payload = 3'000 - kHeader}));
  CHECK(world.Append(log, {.base_offset = 2, .payload = 100}));
  const int64_t small = 100 + static_cast<int64_t>(kHeader);
  CHECK(world.store.Range(log, 0, 0, small).recent >= 0);
  CHECK(world.store.Range(log, 0, small + 6'000, small).recent >= 0);
  CHECK_EQ(world.store.Range(log, 0, 0, 2 * small + 6'000).recent, RecentBytes::kNowhere);
  CHECK_EQ(world.store.Range(log, 0, small, 6'000).recent, RecentBytes::kNowhere);
  // Nor is what is too long to be copied.
  int64_t end = 3;
  for (; end < 3 + 10; ++end) CHECK(world.Append(log, {.base_offset = end, .payload = 2'000 - kHeader}));
  const int64_t start = 2 * small + 6'000;
  CHECK(world.store.Range(log, 0, start, 8 * 2'000).recent >= 0);
  CHECK_EQ(world.store.Range(log, 0, start, 9 * 2'000).recent, RecentBytes::kNowhere);
  // Neither are parts of batches.
  CHECK_EQ(world.store.Range(log, 0, 0, small - 1).recent, RecentBytes::kNowhere);
  CHECK_EQ(world.store.Range(log, 0, 1, small - 1).recent, RecentBytes::kNowhere);
}

CHECK_MAIN()
