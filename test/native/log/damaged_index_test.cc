// Goal: an index that was damaged while nobody looked misleads nobody. Every bit of both indexes is turned in turn;
// every search then answers what the log holds, or fails once and answers after the rebuild.

#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kBatches = 12;
// Of one walkable record.
constexpr int64_t kBatchBytes = 68;
const LogOptions kOptions{.segment_bytes = 8 * kBatchBytes, .index_interval_bytes = kBatchBytes};

void Build(const std::string& directory) {
  World world;
  const auto opened = world.Open({.log = kOptions, .directory = directory});
  for (int64_t i = 0; i < kBatches; ++i) CHECK(world.Append(opened.log, {.base_offset = i, .timestamp = 1000 + i, .walkable = true}));
  CHECK(world.Close(opened.log).ok());
}

// How many searches failed; those that did not must be right.
int Search(World& world, LogHandle log) {
  int failed = 0;
  for (int64_t offset = 0; offset < kBatches; ++offset) {
    const auto found = world.store.Lookup(
        log, {.offset = offset, .max_offset = kBatches, .max_bytes = 5 * kBatchBytes, .at_least_one_batch = true});
    if (found.status == LookupStatus::Failed) {
      ++failed;
    } else {
      CHECK(found.status == LookupStatus::Found);
      CHECK_EQ(found.segment, offset < 8 ? 0 : 8);
      CHECK_EQ(found.position, (offset - found.segment) * kBatchBytes);
      CHECK_EQ(found.length % kBatchBytes, 0);
      CHECK(found.length > 0);
    }
    const auto hit = world.Call([&](uint32_t t) { world.store.FindTimestamp(log, 1000 + offset, kBatches, t); });
    if (!hit.status.ok()) {
      ++failed;
      continue;
    }
    const auto& at = std::get<std::optional<TimestampHit>>(hit.payload);
    CHECK(at.has_value());
    if (at) CHECK_EQ(at->timestamp, 1000 + offset);
  }
  return failed;
}

}  // namespace

TEST(every_bit_of_an_index_may_turn) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  Build(directory);
  int rebuilt = 0;
  for (const char* extension : {".index", ".timeindex"}) {
    const std::string path = SegmentPath(directory, 0, extension);
    const ByteVector whole = ReadFile(path);
    REQUIRE(whole.size() >= 24);
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      ByteVector bad = whole;
      bad[bit / 8] ^= std::byte{1} << (bit % 8);
      WriteFile(path, bad);
      World world;
      const auto opened = world.Open({.log = kOptions, .directory = directory, .recovery_point = kCleanStop});
      CHECK_EQ(opened.log_end_offset, kBatches);
      if (Search(world, opened.log) > 0) {
        CHECK_EQ(world.recorder.AwaitRebuilt(1)[0], 0);
        // The other index may turn out wrong only now.
        for (int again = 0; Search(world, opened.log) > 0; ++again) REQUIRE(again < 10);
        ++rebuilt;
      }
      CHECK(world.Close(opened.log).ok());
    }
    WriteFile(path, whole);
  }
  CHECK(rebuilt > 50);
}

// Of a closed segment and of the last one, after a stop that says that all is well.
TEST(an_index_may_be_cut_at_every_byte) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  Build(directory);
  for (const int64_t segment : {0, 8}) {
    for (const char* extension : {".index", ".timeindex"}) {
      const std::string path = SegmentPath(directory, segment, extension);
      const ByteVector whole = ReadFile(path);
      REQUIRE(!whole.empty());
      for (size_t size = 0; size < whole.size(); ++size) {
        WriteFile(path, std::span(whole).first(size));
        World world;
        const auto opened = world.Open({.log = kOptions, .directory = directory, .recovery_point = kCleanStop});
        CHECK_EQ(opened.log_end_offset, kBatches);
        CHECK_EQ(Search(world, opened.log), 0);
        CHECK(world.Close(opened.log).ok());
      }
      WriteFile(path, whole);
    }
  }
}

TEST(a_rebuilt_index_is_the_one_that_was_written) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  Build(directory);
  const std::string path = SegmentPath(directory, 0, ".index");
  const std::string time_path = SegmentPath(directory, 0, ".timeindex");
  const ByteVector whole = ReadFile(path);
  const ByteVector time = ReadFile(time_path);
  ByteVector bad = whole;
  bad[7] ^= std::byte{1};
  WriteFile(path, bad);
  World world;
  const auto opened = world.Open({.log = kOptions, .directory = directory, .recovery_point = kCleanStop});
  CHECK(Search(world, opened.log) > 0);
  CHECK_EQ(world.recorder.AwaitRebuilt(1)[0], 0);
  CHECK_EQ(Search(world, opened.log), 0);
  CHECK(ReadFile(path) == whole);
  CHECK(ReadFile(time_path) == time);
  CHECK(world.Close(opened.log).ok());
}

CHECK_MAIN()
