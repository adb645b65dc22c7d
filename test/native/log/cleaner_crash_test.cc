// Goal: wherever a process ends in a round of compaction, or in the recovery after one, by a kill or a power cut, the
// newest value of every key is there, once. Method: EveryCrash stops before each operation on the disk.

#include <algorithm>

#include "every_crash.h"
#include "keyed_log.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

const LogOptions kOptions{.segment_bytes = 1200, .index_interval_bytes = 300, .segment_index_bytes = 400};

std::string LogIn(const std::string& root) { return root + "/t-0"; }

// A transaction that was aborted: one record, then the marker.
constexpr int64_t kAborted = 8 * 3;
constexpr int64_t kProducer = 9;
const AbortedSpan kSpan{
    .producer_id = kProducer, .first_offset = kAborted, .last_offset = kAborted + 1, .last_stable_offset = kAborted};

// Several segments over few keys. Returns the newest value of each.
std::map<std::string, Found> Build(const std::string& root) {
  std::filesystem::create_directories(LogIn(root));
  World world;
  const auto log = world.Open({.log = kOptions, .directory = LogIn(root), .compacted_below = kCleanStop}).log;
  auto last = Fill(world, log, 8);
  AppendBytes(world, log, KeyedBatch(kAborted, {{"aborted", "nobody sees it"}}, kProducer, 0x10));
  AppendBytes(world, log, KeyedBatch(kAborted + 1, {{std::string(4, 0), "marker"}}, kProducer, 0x30));
  for (auto& [key, found] : Fill(world, log, 16, kAborted + 2)) last[key] = found;
  std::string index;
  for (const auto& segment : world.store.Segments(log)) {
    if (segment.base_offset > kSpan.last_offset) break;
    index = SegmentPath(LogIn(root), segment.base_offset, ".txnindex");
  }
  // Its content is the script's matter.
  WriteFile(index, ByteVector(34));
  CHECK(world.Close(log).ok());
  return last;
}
constexpr int64_t kEnd = kAborted + 2 + 16 * 3;

std::vector<std::string> FilesIn(const std::string& root, const std::string& ending) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(LogIn(root))) {
    if (entry.path().filename().string().ends_with(ending)) names.push_back(entry.path().filename());
  }
  return names;
}

Recorder::Done OpenWith(World& world, const std::string& root, int64_t recovery_point,
                        int64_t compacted_below = kCleanStop) {
  return world.TryOpen({.log = kOptions, .directory = LogIn(root), .recovery_point = recovery_point,
                        .compacted_below = compacted_below});
}

// A checkpoint may know that all of it was on the device, or there is none that can be read.
void CheckNewest(const std::string& root, const std::map<std::string, Found>& last) {
  for (const int64_t recovery_point : {kEnd, int64_t{0}}) {
    World world;
    const auto done = OpenWith(world, root, recovery_point);
    REQUIRE(done.status.ok());
    const auto& opened = std::get<OpenedLog>(done.payload);
    CHECK_EQ(opened.log_end_offset, kEnd);
    CHECK_EQ(opened.truncated_bytes, 0);
    auto found = ReadAll(world, opened.log, kEnd).last;
    CHECK_EQ(found.erase(std::string(4, 0)), 1u);
    found.erase("aborted");
    CHECK(found == last);
    CHECK(world.Close(opened.log).ok());
  }
  for (const char* ending : {".cleaned", ".swap", ".deleted"}) CHECK(FilesIn(root, ending).empty());
}

Status CleanAll(World& world, const std::string& root) {
  const auto done = OpenWith(world, root, kCleanStop);
  if (!done.status.ok()) return done.status;
  const auto log = std::get<OpenedLog>(done.payload).log;
  auto request = CleanUpTo(ActiveBase(world, log), kOptions);
  request.delete_retention_ms = 1'000'000;
  request.aborted.push_back(kSpan);
  return Clean(world, log, request).status;
}

}  // namespace

TEST(a_round) {
  std::map<std::string, Found> last;
  const int steps = EveryCrash<int>{.prepare = [&](const std::string& root) { last = Build(root); },
                                    .work =
                                        [&](PowerCutFileSystem& files, const std::string& root, int&) {
                                          World world(files);
                                          (void)CleanAll(world, root);
                                        },
                                    .check =
                                        [&](const Left& left, const int&) {
                                          CheckNewest(left.root, last);
                                          if (!left.power) CHECK_EQ(FilesIn(left.root, ".txnindex").size(), 1u);
                                        }}
                        .Run();
  CHECK(steps > 40);
}

// What a round left when it was stopped before any of its operations is recovered, and that is stopped as well.
TEST(the_recovery_after_a_round) {
  const auto recover = [](PowerCutFileSystem& files, const std::string& root, int&) {
    World world(files);
    (void)OpenWith(world, root, kEnd);
  };
  // By the files that are there when recovery begins: many steps leave the same.
  std::set<std::vector<std::string>> seen;
  for (int stop = 0;; stop += kCrashStride) {
    check::TempDirectory dir;
    const auto last = Build(dir.path());
    PowerCutFileSystem files(dir.path());
    files.Adopt();
    files.StopAfter(stop);
    {
      World world(files);
      (void)CleanAll(world, dir.path());
    }
    const auto tree = files.Left(files.Cuts(0).front());
    std::vector<std::string> names;
    for (const auto& [name, content] : tree) names.push_back(name);
    if (seen.insert(names).second) {
      EveryCrash<int>{.prepare = [&](const std::string& root) { PowerCutFileSystem::Write(tree, root); },
                      .work = recover,
                      .check =
                          [&](const Left& left, const int&) {
                            CheckNewest(left.root, last);
                            if (!left.power) CHECK_EQ(FilesIn(left.root, ".txnindex").size(), 1u);
                          },
                      .chances = 1}
          .Run();
    }
    if (!files.stopped()) break;
  }
  CHECK(seen.size() > 15 / kCrashStride);
}

// A torn batch in what compaction has left gaps in: everything behind it goes, or nothing yet, never a part of it.
TEST(a_recovery_that_cuts) {
  int64_t torn_at = 0;
  const int steps = EveryCrash<int>{
      .prepare =
          [&](const std::string& root) {
            std::filesystem::create_directories(LogIn(root));
            {
              World world;
              const auto done = OpenWith(world, root, 0);
              const auto log = std::get<OpenedLog>(done.payload).log;
              for (int i = 0; i < 30; ++i) {
                AppendBytes(world, log, KeyedBatch(2 * i, {{"of every batch", "1"}, {std::to_string(i), "1"}}));
              }
              CHECK(Clean(world, log, CleanUpTo(ActiveBase(world, log), kOptions)).status.ok());
              CHECK(world.Close(log).ok());
            }
            const std::string path = SegmentPath(LogIn(root), 0, ".log");
            ByteVector bytes = ReadFile(path);
            size_t last = 0;
            int64_t records = 0;
            for (size_t at = 0; at < bytes.size();) {
              const auto header = ParseBatchHeader(std::span(bytes).subspan(at));
              torn_at = header->base_offset;
              last = at;
              at += static_cast<size_t>(header->size);
              if (at < bytes.size()) records += header->record_count;
            }
            REQUIRE(records > 0 && records < torn_at);
            bytes[last + kBatchHeaderSize + 2] ^= std::byte{1};
            WriteFile(path, bytes);
          },
      .work =
          [](PowerCutFileSystem& files, const std::string& root, int& appended) {
            World world(files);
            const auto done = OpenWith(world, root, 0, 1);
            if (!done.status.ok()) return;
            const auto& opened = std::get<OpenedLog>(done.payload);
            appended = TryAppendBytes(world, opened.log, KeyedBatch(opened.log_end_offset, {{"after", "1"}}));
          },
      .check =
          [&](const Left& left, const int&) {
            World world;
            const auto done = OpenWith(world, left.root, 0, 1);
            REQUIRE(done.status.ok());
            const auto& opened = std::get<OpenedLog>(done.payload);
            CHECK(opened.log_end_offset <= torn_at + 1);
            (void)ReadAll(world, opened.log, opened.log_end_offset);
          }}
                        .Run();
  CHECK(steps > 10);
}

CHECK_MAIN()
