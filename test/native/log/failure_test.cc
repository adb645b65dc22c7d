// Goal: an environment error loses nothing that was acknowledged, acknowledges nothing that was lost, and the
// log goes on when it may.

#include "io/faulty_file_system.h"
#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kBatch = 161;

std::string LogPath(const std::string& directory, int64_t base_offset = 0, const char* extension = ".log") {
  return SegmentPath(directory, base_offset, extension);
}

}  // namespace

TEST(full_disk_torn_at_every_byte) {
  for (size_t torn = 0; torn <= static_cast<size_t>(kBatch); torn += 7) {
    check::TempDirectory dir;
    FaultyFileSystem files;
    World world(files);
    const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
    CHECK(world.Append(opened.log, {.base_offset = 0}));
    files.Plan(Op::Write, {.error = ENOSPC, .torn_bytes = torn});
    CHECK(!world.Append(opened.log, {.base_offset = 1}));
    CHECK_EQ(world.recorder.failures().size(), 1u);
    CHECK_EQ(world.recorder.failures()[0].error(), ENOSPC);
    CHECK_EQ(world.recorder.failed_end(), 1);
    CHECK_EQ(ReadFile(LogPath(dir / "t-0")).size(), static_cast<size_t>(kBatch));
    // Refused although the disk has room again, until the script has taken its own state back.
    CHECK(!world.Append(opened.log, {.base_offset = 2}));
    CHECK_EQ(world.recorder.failures().size(), 1u);
    world.store.Resume(opened.log);
    CHECK(world.Append(opened.log, {.base_offset = 1}));
    CHECK_EQ(world.recorder.appended(opened.log), 2);
    CHECK_EQ(ReadFile(LogPath(dir / "t-0")).size(), static_cast<size_t>(2 * kBatch));
  }
}

TEST(queued_appends_are_refused_in_order_until_resume) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.flush_messages = 1}, .directory = dir / "t-0"});
  // Hold the lane in fdatasync while a queue builds up behind it, the second group of which fails.
  files.CloseGate();
  const auto first = world.AppendAsync(opened.log, {.base_offset = 0});
  files.AwaitCalls(Op::SyncData, 1);
  files.Plan(Op::Write, {.error = EIO, .torn_bytes = 50});
  std::vector<std::shared_ptr<Barrier::Outcome>> refused;
  for (int64_t i = 1; i < 10; ++i) refused.push_back(world.AppendAsync(opened.log, {.base_offset = i}));
  world.store.Resume(opened.log);
  const auto after = world.AppendAsync(opened.log, {.base_offset = 1});
  files.OpenGate();
  CHECK(first->Wait());
  for (const auto& outcome : refused) CHECK(!outcome->Wait());
  CHECK(after->Wait());
  CHECK_EQ(world.recorder.failed_end(), 1);
  CHECK_EQ(world.recorder.appended(opened.log), 2);
}

TEST(group_commit_syncs_once_per_group) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.flush_messages = 1}, .directory = dir / "t-0"});
  files.CloseGate();
  const auto first = world.AppendAsync(opened.log, {.base_offset = 0});
  files.AwaitCalls(Op::SyncData, 1);
  CHECK_EQ(world.recorder.appended(opened.log), 0);  // Written but not synced is not appended.
  std::shared_ptr<Barrier::Outcome> last;
  for (int64_t i = 1; i <= 500; ++i) last = world.AppendAsync(opened.log, {.base_offset = i});
  files.OpenGate();
  CHECK(last->Wait());
  CHECK_EQ(files.calls(Op::SyncData), 2);
  CHECK_EQ(world.recorder.appended_events(), 2);
  CHECK_EQ(files.calls(Op::Write), 2);
}

TEST(flush_messages_counts_records) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.flush_messages = 10}, .directory = dir / "t-0"});
  for (int64_t i = 0; i < 10; ++i) CHECK(world.Append(opened.log, {.base_offset = i * 3, .records = 3}));
  CHECK_EQ(files.calls(Op::SyncData), 2);  // After 12 and 24 of 30 records.
  CHECK_EQ(files.calls(Op::SyncDirectory), 1);
}

TEST(failed_sync_is_final) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.flush_messages = 1}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  files.Plan(Op::SyncData, {.error = EIO});
  CHECK(!world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(world.recorder.failures().size(), 1u);
  CHECK_EQ(world.recorder.failed_end(), 1);
  world.store.Resume(opened.log);
  CHECK(!world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(world.recorder.failures().size(), 2u);
  CHECK_EQ(world.recorder.failures()[1].error(), EIO);
  CHECK_EQ(world.Call([&](uint32_t t) { world.store.Flush(opened.log, t); }).status.error(), EIO);
  // What was acknowledged is still readable.
  CHECK(world.store.Lookup(opened.log, {.offset = 0, .max_offset = 1, .max_bytes = 1000}).status == LookupStatus::Found);
}

TEST(failed_flush_is_final_too) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  files.Plan(Op::SyncData, {.error = EIO});
  CHECK_EQ(world.Call([&](uint32_t t) { world.store.Flush(opened.log, t); }).status.error(), EIO);
  world.recorder.AwaitFailures(1);
  CHECK(!world.Append(opened.log, {.base_offset = 1}));
}

// The kernel tells of a lost write once: to the flush, or to the lane that syncs the same file meanwhile.
TEST(a_failed_sync_fails_whoever_syncs_beside_it) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.flush_messages = 2}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  files.CloseGate();
  files.Plan(Op::SyncData, {.error = EIO});
  constexpr uint32_t kFlush = 1'000'000;
  world.store.Flush(opened.log, kFlush);
  files.AwaitCalls(Op::SyncData, 1);
  const auto append = world.AppendAsync(opened.log, {.base_offset = 1});
  files.OpenGate();
  CHECK_EQ(world.recorder.Await(kFlush).status.error(), EIO);
  CHECK(!append->Wait());
}

TEST(flush_covers_closed_segments_and_directory_once) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.segment_bytes = 2 * kBatch}, .directory = dir / "t-0"});
  for (int64_t i = 0; i < 5; ++i) CHECK(world.Append(opened.log, {.base_offset = i}));
  const auto flush = [&] { return world.Call([&](uint32_t t) { world.store.Flush(opened.log, t); }).status.ok(); };
  CHECK(flush());
  // Two closed segments with two indexes each, and the active one.
  CHECK_EQ(files.calls(Op::SyncData), 7);
  CHECK_EQ(files.calls(Op::SyncDirectory), 1);
  CHECK(flush());
  CHECK_EQ(files.calls(Op::SyncData), 7);
  CHECK(world.Append(opened.log, {.base_offset = 5}));
  CHECK(flush());
  CHECK_EQ(files.calls(Op::SyncData), 8);
}

TEST(repair_is_retried_by_resume) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  files.Plan(Op::Write, {.error = EIO, .torn_bytes = 30});
  files.Plan(Op::Truncate, {.error = EIO, .times = 2});
  CHECK(!world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(ReadFile(LogPath(dir / "t-0")).size(), static_cast<size_t>(kBatch + 30));
  world.store.Resume(opened.log);  // Still cannot cut: stays failed.
  world.recorder.AwaitFailures(2);
  CHECK(!world.Append(opened.log, {.base_offset = 1}));
  world.store.Resume(opened.log);
  CHECK(world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(ReadFile(LogPath(dir / "t-0")).size(), static_cast<size_t>(2 * kBatch));
}

TEST(index_that_cannot_grow_fails_the_append) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const LogOptions options{.index_interval_bytes = 0};
  const auto opened = world.Open({.log = options, .directory = dir / "t-0"});
  int64_t next = 0;
  const auto append = [&] {
    const bool appended = world.Append(opened.log, {.base_offset = next, .timestamp = 1000 + next});
    next += appended ? 1 : 0;
    return appended;
  };
  CHECK(append());
  // Entries are stored a few at a time, so the mapping is not needed at once.
  constexpr int64_t kSoon = 50;
  for (const Op op : {Op::Reserve, Op::Map}) {
    files.Plan(op, {.error = op == Op::Map ? ENOMEM : ENOSPC});
    const int64_t before = next;
    while (next - before < kSoon && append()) continue;
    CHECK(next - before < kSoon);
    CHECK_EQ(ReadFile(LogPath(dir / "t-0")).size(), static_cast<size_t>(next * kBatch));
    world.store.Resume(opened.log);
  }
  CHECK_EQ(world.recorder.failures().size(), size_t{2});
  for (int i = 0; i < 4; ++i) CHECK(append());
  CHECK(world.Close(opened.log).ok());
  const ByteVector index = ReadFile(LogPath(dir / "t-0", 0, ".index"));
  const ByteVector time = ReadFile(LogPath(dir / "t-0", 0, ".timeindex"));
  // No entry of the failed attempts stayed behind: a rebuild gives the same.
  const auto again = world.Open({.log = options, .directory = dir / "t-0"});
  CHECK_EQ(again.log_end_offset, next);
  CHECK(world.Close(again.log).ok());
  CHECK(ReadFile(LogPath(dir / "t-0", 0, ".index")) == index);
  CHECK(ReadFile(LogPath(dir / "t-0", 0, ".timeindex")) == time);
}

TEST(failed_roll_keeps_the_old_segment) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const LogOptions options{.segment_bytes = 2 * kBatch, .index_interval_bytes = 100};
  const auto opened = world.Open({.log = options, .directory = dir / "t-0"});
  for (int64_t i = 0; i < 2; ++i) CHECK(world.Append(opened.log, {.base_offset = i}));
  // Sealing opens both indexes; the third open creates the segment.
  files.Plan(Op::Open, {.error = ENOSPC, .skip = 2});
  CHECK(!world.Append(opened.log, {.base_offset = 2}));
  CHECK_EQ(world.recorder.failures()[0].error(), ENOSPC);
  world.store.Resume(opened.log);
  CHECK(world.Append(opened.log, {.base_offset = 2}));
  CHECK_EQ(world.store.Segments(opened.log).size(), 2u);
  CHECK(world.Append(opened.log, {.base_offset = 3}));
  CHECK_EQ(world.recorder.appended(opened.log), 4);
}

TEST(out_of_order_offsets_fail_the_log) {
  check::TempDirectory dir;
  World world;
  const auto opened = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  CHECK(!world.Append(opened.log, {.base_offset = 0}));
  CHECK_EQ(world.recorder.failures()[0].error(), EINVAL);
}

// Any single operation of a whole life may fail: nothing acknowledged is ever missing afterwards.
TEST(every_operation_may_fail_once) {
  for (int op = 0; op < static_cast<int>(Op::Count); ++op) {
    for (int nth = 0; nth < 12; ++nth) {
      check::TempDirectory dir;
      int64_t acknowledged = 0;
      {
        FaultyFileSystem files;
        World world(files);
        files.Plan(static_cast<Op>(op), {.error = EIO, .skip = nth, .torn_bytes = 40});
        const LogOptions options{.segment_bytes = 4 * kBatch, .index_interval_bytes = 200, .flush_messages = 3};
        const auto opened = world.TryOpen({.log = options, .directory = dir / "t-0"});
        if (opened.status.ok()) {
          const LogHandle log = std::get<OpenedLog>(opened.payload).log;
          for (int64_t i = 0; i < 20; ++i) {
            if (world.Append(log, {.base_offset = acknowledged})) {
              ++acknowledged;
            } else {
              world.store.Resume(log);
            }
            (void)world.store.Lookup(log, {.offset = 0, .max_offset = acknowledged, .max_bytes = 100});
          }
          (void)world.Call([&](uint32_t t) { world.store.Flush(log, t); });
          (void)world.Close(log);
        }
      }
      for (const int64_t point : {int64_t{0}, kCleanStop}) {
        World world;
        const auto opened = world.Open({.log = {}, .directory = dir / "t-0", .recovery_point = point});
        CHECK(opened.log_end_offset >= acknowledged);
        CHECK(opened.log_end_offset <= acknowledged);
      }
    }
  }
}

TEST(a_roll_does_not_wait_for_the_disk) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto opened = world.Open({.log = {.segment_bytes = kBatch}, .directory = dir / "t-0"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  files.CloseGate();
  CHECK(world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(world.recorder.rolled().size(), 1u);
  CHECK_EQ(files.calls(Op::SyncData), 0);
  files.OpenGate();
}

TEST(a_roll_finds_a_descriptor_when_none_is_left) {
  check::TempDirectory dir;
  FaultyFileSystem files;
  World world(files);
  const auto other = world.Open({.log = {}, .directory = dir / "t-0"});
  CHECK(world.Append(other.log, {.base_offset = 0}));
  const auto opened = world.Open({.log = {.segment_bytes = kBatch}, .directory = dir / "t-1"});
  CHECK(world.Append(opened.log, {.base_offset = 0}));
  // Sealing opens both indexes; the third open creates the segment.
  files.Plan(Op::Open, {.error = EMFILE, .skip = 2});
  CHECK(world.Append(opened.log, {.base_offset = 1}));
  CHECK_EQ(world.recorder.rolled().size(), 1u);
  CHECK(world.recorder.failures().empty());
  // Whoever gave way opens its file again.
  CHECK(world.Append(other.log, {.base_offset = 1}));
  // With nothing left to give, the failure is told and passes.
  files.Plan(Op::Open, {.error = EMFILE, .times = 100});
  CHECK(!world.Append(opened.log, {.base_offset = 2}));
  CHECK_EQ(world.recorder.failures().size(), 1u);
  files.Plan(Op::Open, {});
  world.store.Resume(opened.log);
  CHECK(world.Append(opened.log, {.base_offset = 2}));
}

CHECK_MAIN()
