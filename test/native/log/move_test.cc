// Goal: a log that changes its directory loses nothing, keeps serving meanwhile, and any failure or crash leaves one
// place that has everything.

#include <algorithm>
#include <filesystem>
#include <limits>
#include <thread>

#include "../io/faulty_file_system.h"
#include "every_crash.h"
#include "fixture.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();
const LogOptions kOptions{.segment_bytes = 2000, .index_interval_bytes = 300};

void Fill(World& world, LogHandle log, int64_t from, int64_t to) {
  for (int64_t offset = from; offset < to; ++offset) {
    CHECK(world.Append(log, {.base_offset = offset, .timestamp = 1000 + offset}));
  }
}

std::vector<std::byte> AllBytes(World& world, LogHandle log, int64_t end) {
  ByteVector all;
  for (int64_t offset = 0; offset < end;) {
    auto read = world.Call([&](uint32_t t) { world.store.ReadBytes(log, offset, end, 1 << 20, t); });
    REQUIRE(read.status.ok());
    const auto& bytes = std::get<ByteVector>(read.payload);
    REQUIRE(!bytes.empty());
    all.insert(all.end(), bytes.begin(), bytes.end());
    for (size_t at = 0; at < bytes.size();) {
      const auto header = ParseBatchHeader(std::span(bytes).subspan(at));
      CHECK_EQ(header->base_offset, offset);
      offset = header->last_offset() + 1;
      at += static_cast<size_t>(header->size);
    }
  }
  return all;
}

Recorder::Done Copy(World& world, LogHandle log, const std::string& directory, int64_t bytes_max = kAll) {
  return world.Call([&](uint32_t t) {
    world.store.Copy(log, {.directory = directory, .bytes_max = bytes_max}, t);
  });
}
Status Move(World& world, LogHandle log, const std::string& directory) {
  return world.Call([&](uint32_t t) { world.store.Move(log, directory, t); }).status;
}
Status EndMove(World& world, LogHandle log) {
  return world.Call([&](uint32_t t) { world.store.EndMove(log, t); }).status;
}

struct Disks {
  check::TempDirectory root;
  std::string from = root / "a/t-0";
  std::string future = root / "b/t-0.future";
  std::string to = root / "b/t-0";
  Disks() {
    std::filesystem::create_directories(root / "a");
    std::filesystem::create_directories(root / "b");
  }
};

}  // namespace

TEST(a_moved_log_has_the_same_bytes_and_goes_on) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
  Fill(world, log, 0, 60);
  int steps = 0;
  for (;; ++steps) {
    const auto done = Copy(world, log, disks.future, 1500);
    REQUIRE(done.status.ok());
    const auto progress = std::get<CopyProgress>(done.payload);
    CHECK(progress.end_offset <= 60);
    if (progress.lag_bytes == 0) {
      CHECK_EQ(progress.end_offset, 60);
      break;
    }
  }
  CHECK(steps > 3);
  Fill(world, log, 60, 90);
  const auto before = AllBytes(world, log, 90);
  const LookupQuery query{.offset = 33, .max_offset = 90, .max_bytes = 500, .at_least_one_batch = true};
  const auto looked_up = world.store.Lookup(log, query);
  const auto sent = world.store.Range(log, looked_up.segment, 0, 0).file;
  CHECK(Move(world, log, disks.to).ok());
  CHECK(!Exists(disks.future));
  CHECK(world.store.Range(log, looked_up.segment, 0, 0).file != nullptr);
  CHECK_EQ(EndMove(world, log).error(), 0);
  std::filesystem::rename(disks.from, disks.from + ".gone");
  CHECK(AllBytes(world, log, 90) == before);
  Fill(world, log, 90, 150);
  const auto all = AllBytes(world, log, 150);
  CHECK(world.Close(log).ok());
  // What is on the disk is the whole log.
  const auto opened = world.Open({.log = kOptions, .directory = disks.to, .recovery_point = (int64_t{1} << 53) - 1});
  CHECK_EQ(opened.log_end_offset, 150);
  CHECK_EQ(opened.recovered_segments, 0);
  CHECK(AllBytes(world, opened.log, 150) == all);
}

TEST(appends_go_on_while_it_is_copied_and_swapped) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
  Fill(world, log, 0, 40);
  std::thread appender([&] {
    for (int64_t offset = 40; offset < 400; ++offset) {
      CHECK(world.AppendAsync(log, {.base_offset = offset, .timestamp = 1000 + offset})->Wait());
    }
  });
  const uint32_t first = 1'000'000;
  for (uint32_t i = 0; i < 6; ++i) {
    world.store.Copy(log, {.directory = disks.future, .bytes_max = 3000}, first + i);
    CHECK(world.recorder.Await(first + i).status.ok());
  }
  world.store.Move(log, disks.to, first + 10);
  CHECK(world.recorder.Await(first + 10).status.ok());
  appender.join();
  CHECK(EndMove(world, log).ok());
  (void)AllBytes(world, log, 400);
  CHECK(!world.recorder.order_broken());
  CHECK(Exists(disks.to + "/00000000000000000000.log"));
}

TEST(retention_while_copying_leaves_no_old_segment) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
  Fill(world, log, 0, 60);
  CHECK(Copy(world, log, disks.future).status.ok());
  CHECK(world.Call([&](uint32_t t) { world.store.AdvanceStart(log, 40, t); }).status.ok());
  CHECK(Move(world, log, disks.to).ok());
  CHECK(!Exists(disks.to + "/00000000000000000000.log"));
  CHECK_EQ(world.store.Segments(log).size(),
           static_cast<size_t>(std::count_if(std::filesystem::directory_iterator(disks.to), {}, [](const auto& entry) {
             return entry.path().extension() == ".log";
           })));
}

TEST(a_move_and_a_round_of_compaction_exclude_each_other) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from, .compacted_below = kAll}).log;
  Fill(world, log, 0, 40);
  CHECK(Copy(world, log, disks.future).status.ok());
  const auto clean = [&] {
    return world.Call([&](uint32_t t) { world.store.Clean(log, {}, nullptr, t); }).status;
  };
  CHECK_EQ(clean().error(), EBUSY);
  CHECK(EndMove(world, log).ok());
  CHECK(clean().ok());
}

TEST(truncation_ends_a_copy) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
  Fill(world, log, 0, 40);
  CHECK(Copy(world, log, disks.future).status.ok());
  CHECK(world.Call([&](uint32_t t) { world.store.Truncate(log, 10, t); }).status.ok());
  CHECK_EQ(Copy(world, log, disks.future).status.error(), ECANCELED);
  CHECK_EQ(Move(world, log, disks.to).error(), ECANCELED);
  CHECK(!Exists(disks.to));
  Fill(world, log, 10, 20);
}

TEST(verbs_out_of_turn_are_refused) {
  Disks disks;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
  CHECK_EQ(Move(world, log, disks.to).error(), EINVAL);
  CHECK(EndMove(world, log).ok());
  CHECK_EQ(Copy(world, 99, disks.future).status.error(), EBADF);
  CHECK(Copy(world, log, disks.future).status.ok());
  CHECK(world.Close(log).ok());
  CHECK_EQ(Move(world, log, disks.to).error(), EBADF);
}

TEST(any_failure_leaves_the_log_where_it_was) {
  const struct {
    Op op;
    int error;
  } faults[] = {{Op::Write, ENOSPC}, {Op::SyncData, EIO}, {Op::Rename, EIO}, {Op::SyncDirectory, EIO}, {Op::Read, EIO},
                {Op::Open, EMFILE}, {Op::List, EIO}, {Op::Stat, EIO}};
  for (const auto& [op, error] : faults) {
    for (int skip = 0; skip < 3; ++skip) {
      Disks disks;
      FaultyFileSystem files;
      World world(files, {.open_files_max = 4});
      const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
      Fill(world, log, 0, 60);
      files.Plan(op, {.error = error, .skip = skip, .times = 100});
      Status moved = Copy(world, log, disks.future).status;
      if (moved.ok()) moved = Move(world, log, disks.to);
      files.Plan(op, {.error = 0, .skip = 0, .times = 0});
      CHECK(EndMove(world, log).ok());
      CHECK(moved.ok() == Exists(disks.to));
      Fill(world, log, 60, 80);
      (void)AllBytes(world, log, 80);
      CHECK(world.Close(log).ok());
      const auto opened = world.Open({.log = kOptions, .directory = moved.ok() ? disks.to : disks.from});
      CHECK_EQ(opened.log_end_offset, 80);
    }
  }
}

// The name alone decides which one counts: whoever has it must be whole.
TEST(every_crash_leaves_one_whole_log) {
  int steps = 0;
  for (;; ++steps) {
    Disks disks;
    bool frozen;
    {
      FaultyFileSystem files;
      World world(files);
      const auto log = world.Open({.log = kOptions, .directory = disks.from}).log;
      Fill(world, log, 0, 40);
      files.FreezeAfter(steps);
      (void)Copy(world, log, disks.future, 3000);
      (void)Copy(world, log, disks.future);
      (void)Move(world, log, disks.to);
      frozen = files.frozen();
    }
    for (const std::string& place : {disks.from, disks.to}) {
      if (!Exists(place)) continue;
      World world;
      const auto opened = world.Open({.log = kOptions, .directory = place});
      CHECK_EQ(opened.log_end_offset, 40);
      CHECK_EQ(opened.truncated_bytes, 0);
      (void)AllBytes(world, opened.log, 40);
    }
    CHECK(Exists(disks.from));
    if (!frozen) {
      CHECK(Exists(disks.to));
      break;
    }
  }
  CHECK(steps > 15);
}

// The same where names and bytes that were not synced may be lost: what has one of the two names is whole.
TEST(every_power_cut_leaves_one_whole_log) {
  constexpr int64_t kEnd = 30;
  const int steps = EveryCrash<int>{
      .prepare =
          [](const std::string& root) {
            std::filesystem::create_directories(root + "/a");
            std::filesystem::create_directories(root + "/b");
            World world;
            const auto log = world.Open({.log = kOptions, .directory = root + "/a/t-0"}).log;
            Fill(world, log, 0, kEnd);
            CHECK(world.Close(log).ok());
          },
      .work =
          [](PowerCutFileSystem& files, const std::string& root, int& moved) {
            World world(files);
            LogOptions options = kOptions;
            options.flush_messages = 1;
            const auto opened = world.TryOpen(
                {.log = options, .directory = root + "/a/t-0", .recovery_point = (int64_t{1} << 53) - 1});
            if (!opened.status.ok()) return;
            const auto log = std::get<OpenedLog>(opened.payload).log;
            (void)Copy(world, log, root + "/b/t-0.future", 3000);
            (void)Copy(world, log, root + "/b/t-0.future");
            if (!Move(world, log, root + "/b/t-0").ok()) return;
            moved = 1;
            (void)EndMove(world, log);
            if (world.Append(log, {.base_offset = kEnd, .timestamp = 1000 + kEnd})) moved = 2;
          },
      .check =
          [](const Left& left, const int& moved) {
            CHECK(Exists(left.root + "/a/t-0"));
            if (moved > 0) CHECK(Exists(left.root + "/b/t-0"));
            for (const std::string& place : {left.root + "/a/t-0", left.root + "/b/t-0"}) {
              if (!Exists(place)) continue;
              World world;
              const auto opened = world.Open({.log = kOptions, .directory = place});
              CHECK(opened.log_end_offset >= kEnd + (moved == 2 && place.ends_with("/b/t-0") ? 1 : 0));
              CHECK_EQ(opened.truncated_bytes, 0);
              (void)AllBytes(world, opened.log, opened.log_end_offset);
            }
          }}
                        .Run();
  CHECK(steps > 15);
}

CHECK_MAIN()
