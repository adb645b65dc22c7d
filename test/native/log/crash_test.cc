// Goal: wherever a process ends while a log is appended to, rolled, cut or compacted, by a kill or a power cut, what is
// left opens with what was acknowledged. Method: EveryCrash stops before each operation on the disk.

#include <compare>

#include "every_crash.h"
#include "keyed_log.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kBatch = 161;

struct Facts {
  int64_t sent = 0;
  int64_t acknowledged = 0;
  // Everything below was on the device when a flush said so.
  int64_t flushed = 0;
  int64_t start = 0;
  auto operator<=>(const Facts&) const = default;
};

std::string LogIn(const std::string& root) { return root + "/t-0"; }

// The script writes the partition's identity, which syncs the directory, before anything is appended.
void MakeLog(const std::string& root) {
  std::filesystem::create_directories(LogIn(root));
  World world;
  CHECK(world.Close(world.Open({.log = {}, .directory = LogIn(root)}).log).ok());
}

BatchSpec SpecOf(int64_t offset) { return {.base_offset = offset, .timestamp = 1000 + offset}; }

void AppendUpTo(World& world, LogHandle log, int64_t end, Facts& facts) {
  for (int64_t offset = facts.acknowledged; offset < end; ++offset) {
    facts.sent = offset + 1;
    if (!world.Append(log, SpecOf(offset))) return;
    facts.acknowledged = offset + 1;
  }
}

void FlushNow(World& world, LogHandle log, Facts& facts) {
  const int64_t end = facts.acknowledged;
  if (world.Call([&](uint32_t t) { world.store.Flush(log, t); }).status.ok()) facts.flushed = end;
}

// Each offset from the start on holds what was sent there.
void CheckBatches(World& world, const OpenedLog& log) {
  for (int64_t offset = log.log_start_offset; offset < log.log_end_offset; ++offset) {
    const auto read = world.Call([&](uint32_t t) { world.store.ReadBytes(log.log, offset, log.log_end_offset, 1, t); });
    CHECK(read.status.ok());
    CHECK(std::get<ByteVector>(read.payload) == MakeBatch(SpecOf(offset)));
  }
}

// The log goes on, and what recovery made of it is believed after a clean stop.
void CheckGoesOn(World& world, const OpenedLog& opened, const OpenOptions& options) {
  CHECK(world.Append(opened.log, SpecOf(opened.log_end_offset)));
  CHECK(world.Close(opened.log).ok());
  OpenOptions again = options;
  again.recovery_point = kCleanStop;
  const auto reopened = world.Open(again);
  CHECK_EQ(reopened.log_end_offset, opened.log_end_offset + 1);
  CHECK_EQ(reopened.recovered_segments, 0);
  CheckBatches(world, reopened);
}

// Opens with the recovery point a checkpoint may have, which is any that was ever true.
void CheckAppended(const Left& left, const Facts& facts, const LogOptions& options) {
  const int64_t kept = !left.power || options.flush_messages == 1 ? facts.acknowledged : facts.flushed;
  for (const bool checkpointed : {true, false}) {
    World world;
    const OpenOptions open{.log = options, .directory = LogIn(left.root), .log_start_offset = facts.start,
                           .recovery_point = checkpointed ? facts.flushed : 0};
    const auto opened = world.Open(open);
    CHECK(opened.log_end_offset >= std::max(kept, facts.start));
    CHECK(opened.log_end_offset <= std::max(facts.sent, facts.start));
    CHECK_EQ(opened.log_start_offset, facts.start);
    CheckBatches(world, opened);
    if (!checkpointed) CheckGoesOn(world, opened, open);
  }
}

}  // namespace

TEST(synced_appends_and_rolls) {
  const LogOptions options{.segment_bytes = 4 * kBatch, .index_interval_bytes = 200, .segment_index_bytes = 400,
                           .flush_messages = 1};
  const int steps = EveryCrash<Facts>{
      .prepare = MakeLog,
      .work =
          [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
            World world(files);
            const auto opened = world.TryOpen({.log = options, .directory = LogIn(root)});
            if (!opened.status.ok()) return;
            const auto log = std::get<OpenedLog>(opened.payload).log;
            AppendUpTo(world, log, 7, facts);
            FlushNow(world, log, facts);
            AppendUpTo(world, log, 10, facts);
            (void)world.Close(log);
          },
      .check = [&](const Left& left, const Facts& facts) { CheckAppended(left, facts, options); }}
                        .Run();
  CHECK(steps > 40);
}

TEST(plain_appends_rolls_and_flushes) {
  const LogOptions options{.segment_bytes = 3 * kBatch, .index_interval_bytes = 200, .segment_index_bytes = 400};
  const int steps = EveryCrash<Facts>{
      .prepare = MakeLog,
      .work =
          [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
            World world(files);
            const auto opened = world.TryOpen({.log = options, .directory = LogIn(root)});
            if (!opened.status.ok()) return;
            const auto log = std::get<OpenedLog>(opened.payload).log;
            for (const int64_t end : {2, 5, 11}) {
              AppendUpTo(world, log, end, facts);
              FlushNow(world, log, facts);
            }
            (void)world.Call([&](uint32_t t) { world.store.Roll(log, t); });
            AppendUpTo(world, log, 14, facts);
            (void)world.Close(log);
          },
      .check = [&](const Left& left, const Facts& facts) { CheckAppended(left, facts, options); }}
                        .Run();
  CHECK(steps > 50);
}

// The first entry of a block of either index reserves the next one.
TEST(an_index_grows) {
  const LogOptions options{.index_interval_bytes = 0, .segment_index_bytes = 12'000, .flush_messages = 1};
  constexpr int64_t kPrepared = 510;
  const int steps = EveryCrash<Facts>{
      .prepare =
          [&](const std::string& root) {
            MakeLog(root);
            World world;
            LogOptions unsynced = options;
            unsynced.flush_messages = kNeverFlush;
            const auto log = world.Open({.log = unsynced, .directory = LogIn(root)}).log;
            Facts facts;
            AppendUpTo(world, log, kPrepared, facts);
            CHECK(world.Close(log).ok());
          },
      .work =
          [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
            facts = {.sent = kPrepared, .acknowledged = kPrepared, .flushed = kPrepared};
            World world(files);
            const auto opened =
                world.TryOpen({.log = options, .directory = LogIn(root), .recovery_point = kCleanStop});
            if (!opened.status.ok()) return;
            AppendUpTo(world, std::get<OpenedLog>(opened.payload).log, kPrepared + 5, facts);
          },
      .check = [&](const Left& left, const Facts& facts) { CheckAppended(left, facts, options); },
      .chances = 1}
                        .Run();
  CHECK(steps > 10);
}

// What was appended before is needed as well: recovery ends at a gap.
TEST(syncing_begins_in_the_middle_of_a_life) {
  const LogOptions before{.segment_bytes = 2 * kBatch};
  LogOptions after = before;
  after.flush_messages = 1;
  EveryCrash<Facts>{.prepare = MakeLog,
                    .work =
                        [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
                          World world(files);
                          const auto opened = world.TryOpen({.log = before, .directory = LogIn(root)});
                          if (!opened.status.ok()) return;
                          const auto log = std::get<OpenedLog>(opened.payload).log;
                          AppendUpTo(world, log, 5, facts);
                          world.store.Configure(log, after);
                          AppendUpTo(world, log, 8, facts);
                        },
                    .check =
                        [&](const Left& left, const Facts& facts) {
                          // Until the first synced append nothing was promised.
                          CheckAppended(left, facts, facts.acknowledged > 5 ? after : before);
                        }}
      .Run();
}

// The process is killed, another one finds in the page cache what it left and syncs its own appends.
TEST(syncing_begins_after_a_kill) {
  const LogOptions before{.segment_bytes = 2 * kBatch};
  LogOptions after = before;
  after.flush_messages = 1;
  EveryCrash<Facts>{.prepare = MakeLog,
                    .work =
                        [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
                          for (const auto& [options, end] : {std::pair(before, 5), std::pair(after, 6)}) {
                            World world(files);
                            const auto opened = world.TryOpen({.log = options, .directory = LogIn(root)});
                            if (!opened.status.ok()) return;
                            AppendUpTo(world, std::get<OpenedLog>(opened.payload).log, end, facts);
                          }
                        },
                    .check =
                        [&](const Left& left, const Facts& facts) {
                          CheckAppended(left, facts, facts.acknowledged > 5 ? after : before);
                        }}
      .Run();
}

// The script has the new start on the device before it asks for the deletion.
TEST(deleted_segments) {
  const LogOptions options{.segment_bytes = 2 * kBatch, .flush_messages = 1};
  const int steps = EveryCrash<Facts>{
      .prepare = MakeLog,
      .work =
          [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
            World world(files);
            const auto opened = world.TryOpen({.log = options, .directory = LogIn(root)});
            if (!opened.status.ok()) return;
            const auto log = std::get<OpenedLog>(opened.payload).log;
            AppendUpTo(world, log, 11, facts);
            for (const int64_t start : {5, 8}) {
              facts.start = start;
              (void)world.Call([&](uint32_t t) { world.store.AdvanceStart(log, start, t); });
            }
            AppendUpTo(world, log, 13, facts);
          },
      .check = [&](const Left& left, const Facts& facts) { CheckAppended(left, facts, options); }}
                        .Run();
  CHECK(steps > 45);
}

// Either nothing was cut, or everything that was to be: the rest is what it was.
TEST(a_truncation) {
  const LogOptions options{.segment_bytes = 3 * kBatch, .index_interval_bytes = 200};
  constexpr int64_t kEnd = 14;
  constexpr int64_t kCut = 4;
  const int steps = EveryCrash<Facts>{
      .prepare =
          [&](const std::string& root) {
            MakeLog(root);
            World world;
            const auto log = world.Open({.log = options, .directory = LogIn(root)}).log;
            Facts facts;
            AppendUpTo(world, log, kEnd, facts);
            CHECK(world.Close(log).ok());
          },
      .work =
          [&](PowerCutFileSystem& files, const std::string& root, Facts& facts) {
            World world(files);
            const auto opened =
                world.TryOpen({.log = options, .directory = LogIn(root), .recovery_point = kCleanStop});
            if (!opened.status.ok()) return;
            const auto log = std::get<OpenedLog>(opened.payload).log;
            if (world.Call([&](uint32_t t) { world.store.Truncate(log, kCut, t); }).status.ok()) facts.acknowledged = 1;
          },
      .check =
          [&](const Left& left, const Facts& facts) {
            World world;
            const OpenOptions open{.log = options, .directory = LogIn(left.root), .recovery_point = kCut};
            const auto opened = world.Open(open);
            CHECK(opened.log_end_offset >= kCut);
            if (!left.power && facts.acknowledged > 0) CHECK_EQ(opened.log_end_offset, kCut);
            CheckBatches(world, opened);
            CheckGoesOn(world, opened, open);
          }}
                        .Run();
  CHECK(steps > 10);
}

CHECK_MAIN()
