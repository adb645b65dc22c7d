// Goal: a log needs no descriptor while it is idle, and what it needs one for gets it as long as any other log has one
// that is merely kept at hand.

#include <fcntl.h>

#include <filesystem>

#include "../io/faulty_file_system.h"
#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kBatch = 161;
// Each batch is a segment, with an entry in both indexes from the second batch of a segment on.
constexpr LogOptions kRolling{.segment_bytes = 2 * kBatch, .index_interval_bytes = 1, .segment_index_bytes = 4096};

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// Another log whose file may be closed.
LogHandle Neighbour(World& world, const std::string& directory) {
  const auto log = world.Open({.log = {}, .directory = directory}).log;
  CHECK(world.Append(log, {.base_offset = 0}));
  return log;
}

void CheckHolds(World& world, LogHandle log, int64_t end_offset) {
  for (int64_t offset = 0; offset < end_offset;) {
    const auto read = world.Call([&](uint32_t t) { world.store.ReadHeaders(log, offset, 1, t); });
    CHECK(read.status.ok());
    const auto extent = ParseBatchExtent(std::get<ByteVector>(read.payload));
    REQUIRE(extent.has_value());
    CHECK_EQ(extent->first_offset, offset);
    offset = extent->last_offset + 1;
  }
}

}  // namespace

TEST(whatever_a_roll_opens_others_give_way) {
  // Seven batches open this many files at most; the last rounds meet no limit.
  for (int skip = 0; skip < 30; ++skip) {
    for (const int error : {EMFILE, ENFILE}) {
      check::TempDirectory dir;
      FaultyFileSystem files;
      World world(files);
      Neighbour(world, dir / "t-0");
      const auto log = world.Open({.log = kRolling, .directory = dir / "t-1"}).log;
      files.Plan(Op::Open, {.error = error, .skip = skip});
      for (int64_t i = 0; i < 7; ++i) CHECK(world.Append(log, {.base_offset = i, .timestamp = 1000 + i}));
      CHECK(world.recorder.failures().empty());
      CHECK_EQ(world.recorder.rolled().size(), 3u);
      CheckHolds(world, log, 7);
      CHECK(world.Close(log).ok());
    }
  }
}

TEST(a_flush_and_a_recovery_find_descriptors) {
  for (const Op op : {Op::Open, Op::List, Op::SyncDirectory}) {
    for (int skip = 0; skip < 8; ++skip) {
      check::TempDirectory dir;
      FaultyFileSystem files;
      World world(files);
      Neighbour(world, dir / "t-0");
      auto log = world.Open({.log = kRolling, .directory = dir / "t-1"}).log;
      for (int64_t i = 0; i < 7; ++i) CHECK(world.Append(log, {.base_offset = i, .timestamp = 1000 + i}));
      files.Plan(op, {.error = EMFILE, .skip = skip});
      CHECK(world.Call([&](uint32_t t) { world.store.Flush(log, t); }).status.ok());
      CHECK(world.Close(log).ok());
      log = world.Open({.log = kRolling, .directory = dir / "t-1"}).log;
      CheckHolds(world, log, 7);
      CHECK(world.recorder.failures().empty());
    }
  }
}

TEST(a_mapping_finds_room) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto other = world.Open({.log = kRolling, .directory = dir / "t-0"}).log;
  for (int64_t i = 0; i < 2; ++i) CHECK(world.Append(other, {.base_offset = i}));
  const auto log = world.Open({.log = kRolling, .directory = dir / "t-1"}).log;
  files.Plan(Op::Map, {.error = ENOMEM});
  for (int64_t i = 0; i < 7; ++i) CHECK(world.Append(log, {.base_offset = i}));
  CHECK(world.recorder.failures().empty());
  // Whoever gave way goes on.
  for (int64_t i = 2; i < 7; ++i) CHECK(world.Append(other, {.base_offset = i}));
  CheckHolds(world, other, 7);
}

TEST(others_may_ask_for_room) {
  check::TempDirectory dir;
  World world;
  const size_t before = OpenDescriptors();
  const auto log = Neighbour(world, dir / "t-0");
  CHECK_EQ(OpenDescriptors(), before + 1);
  CHECK(world.store.MakeRoom());
  CHECK_EQ(OpenDescriptors(), before);
  CHECK(!world.store.MakeRoom());
  CHECK(world.Append(log, {.base_offset = 1}));
}

TEST(an_idle_log_holds_no_descriptor_and_no_mapping) {
  for (const int64_t recovery_point : {kCleanStop, int64_t{0}}) {
    check::TempDirectory dir;
    {
      World world;
      const auto log = world.Open({.log = kRolling, .directory = dir / "t-0"}).log;
      for (int64_t i = 0; i < 7; ++i) CHECK(world.Append(log, {.base_offset = i, .timestamp = 1000 + i}));
      CHECK(world.Close(log).ok());
    }
    FaultyFileSystem files;
    World world(files);
    const size_t before = OpenDescriptors();
    const auto opened =
        world.Open({.log = kRolling, .directory = dir / "t-0", .recovery_point = recovery_point});
    CHECK_EQ(OpenDescriptors(), before);
    if (recovery_point == kCleanStop) CHECK_EQ(files.calls(Op::Map), 0);
    CHECK_EQ(opened.log_end_offset, 7);
    CHECK(world.Append(opened.log, {.base_offset = 7, .timestamp = 2000}));
    CheckHolds(world, opened.log, 8);
  }
}

TEST(small_files_come_with_the_log) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  std::filesystem::create_directory(directory);
  const auto write = [&](const std::string& name, const std::string& text) {
    WriteFile(directory + "/" + name, std::as_bytes(std::span(text)));
  };
  const std::string long_text(10'000, 'x');
  write("identity", "mine");
  write("long", long_text);
  write("huge", std::string(100'000, 'x'));
  write("00000000000000000000.log", "");
  write("00000000000000000000.index", "");
  write("00000000000000000000.txnindex", "");
  write("00000000000000000007.txnindex", "");
  World world;
  const SmallFilesQuery query{.names = {"identity", "long", "huge", "missing"}, .expected = "mine"};
  const auto opened = world.Open({.log = {}, .directory = directory, .small_files = query});
  REQUIRE(opened.small_files.size() == 4);
  CHECK(opened.small_files[0] == "mine");
  CHECK(opened.small_files[1] == long_text);
  CHECK(!opened.small_files[2].has_value());
  CHECK(!opened.small_files[3].has_value());
  auto others = opened.other_files;
  std::sort(others.begin(), others.end());
  CHECK(others == std::vector<std::string>({"00000000000000000000.txnindex", "huge", "identity", "long"}));
}

TEST(a_directory_of_somebody_else_is_left_as_it_is) {
  check::TempDirectory dir;
  const std::string directory = dir / "t-0";
  std::filesystem::create_directory(directory);
  const std::string text = "theirs";
  WriteFile(directory + "/identity", std::as_bytes(std::span(text)));
  WriteFile(directory + "/00000000000000000007.index", {});
  World world;
  OpenOptions options{.log = {}, .directory = directory};
  options.small_files = {.names = {"identity"}, .expected = "mine"};
  const auto refused = world.TryOpen(options);
  CHECK_EQ(refused.status.error(), EEXIST);
  CHECK(Exists(directory + "/00000000000000000007.index"));
  CHECK(!Exists(directory + "/00000000000000000000.log"));
  options.small_files.expected.reset();
  CHECK(world.TryOpen(options).status.ok());
}

CHECK_MAIN()
