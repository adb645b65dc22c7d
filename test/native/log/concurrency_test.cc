// Goal: appends, lookups, sends, timestamp searches, flushes and deletion may run at the same time; whatever a
// lookup names can be read in full and is whole. Meant for the thread sanitizer.

#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int64_t kAppends = 6000;

// Reads what a lookup found as a sender does and checks every batch in it.
void ReadAsSender(LogStore& store, const RecentBytes& recent, LogHandle log, int64_t offset,
                  const LookupResult& found) {
  const auto [segment, place] = store.Range(log, found.segment, found.position, found.length);
  if (segment == nullptr) return;  // Deleted between lookup and send; the door checks that too.
  const auto descriptor = segment->Acquire();
  REQUIRE(descriptor.ok());
  ByteVector bytes(static_cast<size_t>(found.length));
  if (place < 0 || !recent.Read(place, bytes)) {
    const ssize_t n = ::pread(descriptor.value()->get(), bytes.data(), bytes.size(), found.position);
    REQUIRE(n == found.length);
  }
  std::span<const std::byte> rest(bytes);
  bool first = true;
  while (!rest.empty()) {
    const auto header = ParseBatchHeader(rest);
    REQUIRE(header.has_value() && header->size <= static_cast<int64_t>(rest.size()));
    CHECK(Inspect(rest.first(static_cast<size_t>(header->size))) == Inspection::Valid);
    if (first) CHECK(header->base_offset <= offset && header->last_offset() >= offset);
    first = false;
    rest = rest.subspan(static_cast<size_t>(header->size));
  }
}

}  // namespace

TEST(everything_at_once) {
  check::TempDirectory dir;
  // Small caches, so that descriptors and mappings come and go all the time.
  RecentBytes recent(50'000);
  World world(RealFileSystem(), {.log_threads = 2, .open_files_max = 3, .mappings_max = 16, .recent = &recent});
  const LogOptions options{.segment_bytes = 30'000, .index_interval_bytes = 500, .segment_index_bytes = 4096};
  const auto log = world.Open({.log = options, .directory = dir / "t-0"}).log;
  const auto other = world.Open({.log = options, .directory = dir / "t-1"}).log;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> start{0};
  std::atomic<uint32_t> ticket{1'000'000};

  const auto lookups = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (!stop.load()) {
      const int64_t end = world.recorder.appended(log);
      const int64_t from = start.load();
      if (end <= from) continue;
      const bool tail = random() % 2 == 0;
      const int64_t offset = tail ? end - 1 : from + static_cast<int64_t>(random()) % (end - from);
      const auto found = world.store.Lookup(log, {.offset = offset,
                                                  .max_offset = random() % 3 == 0 ? offset + 5 : INT64_MAX,
                                                  .max_bytes = static_cast<int32_t>(random() % 8000),
                                                  .at_least_one_batch = true});
      CHECK(found.status != LookupStatus::Failed);
      if (found.status == LookupStatus::Found) ReadAsSender(world.store, recent, log, offset, found);
    }
  };
  const auto chores = [&] {
    std::mt19937 random(7);
    while (!stop.load()) {
      const int64_t end = world.recorder.appended(log);
      const uint32_t t = ticket.fetch_add(1);
      switch (random() % 6) {
        case 0:
          start.store(std::max(start.load(), end - 2500));
          world.store.AdvanceStart(log, start.load(), t);
          break;
        case 1: world.store.Flush(log, t); break;
        case 2: world.store.FindTimestamp(log, 1000 + end / 2, INT64_MAX, t); break;
        case 3: world.store.FindMaxTimestamp(log, INT64_MAX, t); break;
        case 4: world.store.ReadHeaders(log, std::max(start.load(), end - 100), 50, t); break;
        default: world.store.ReadBytes(log, std::max(start.load(), end - 100), INT64_MAX, 5000, t);
      }
      const auto done = world.recorder.Await(t);
      // A read may find that its segment was deleted under it; nothing else may go wrong.
      if (!done.status.ok()) CHECK(done.status.error() == ERANGE || done.status.error() == EIO);
      (void)world.store.Segments(log);
    }
  };
  std::thread first(lookups, 1), second(lookups, 2), third(chores);
  std::shared_ptr<Barrier::Outcome> last, last_other;
  for (int64_t i = 0; i < kAppends; ++i) {
    last = world.AppendAsync(log, {.base_offset = i, .timestamp = 1000 + i, .payload = static_cast<size_t>(i * 7 % 600)});
    last_other = world.AppendAsync(other, {.base_offset = i, .timestamp = 1000 + i, .payload = 10});
    if (i % 50 == 0) CHECK(last->Wait());
  }
  CHECK(last->Wait());
  CHECK(last_other->Wait());
  stop.store(true);
  first.join();
  second.join();
  third.join();
  CHECK(!world.recorder.order_broken());
  CHECK(world.recorder.failures().empty());
  CHECK_EQ(world.recorder.appended(log), kAppends);
}

// Truncation races with readers that may fail, but must not crash or see a torn batch.
TEST(truncation_under_readers) {
  check::TempDirectory dir;
  World world(RealFileSystem(), {.log_threads = 2, .open_files_max = 3, .mappings_max = 16});
  const LogOptions options{.segment_bytes = 8000, .index_interval_bytes = 300, .segment_index_bytes = 4096};
  const auto log = world.Open({.log = options, .directory = dir / "t-0"}).log;
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    std::mt19937 random(5);
    while (!stop.load()) {
      const auto offset = static_cast<int64_t>(random() % 300);
      (void)world.store.Lookup(log, {.offset = offset, .max_offset = INT64_MAX, .max_bytes = 2000});
    }
  });
  for (int64_t round = 0; round < 20; ++round) {
    for (int64_t i = round * 10; i < round * 10 + 100; ++i) CHECK(world.Append(log, {.base_offset = i}));
    const int64_t to = round * 10 + 10;
    CHECK(world.Call([&](uint32_t t) { world.store.Truncate(log, to, t); }).status.ok());
  }
  stop.store(true);
  reader.join();
}

TEST(shutdown_settles_everything) {
  check::TempDirectory dir;
  std::vector<std::shared_ptr<Barrier::Outcome>> outcomes;
  {
    World world(RealFileSystem(), {.log_threads = 2});
    for (int l = 0; l < 20; ++l) {
      const auto log = world.Open({.log = {}, .directory = dir / ("t-" + std::to_string(l))}).log;
      for (int64_t i = 0; i < 50; ++i) outcomes.push_back(world.AppendAsync(log, {.base_offset = i}));
      world.store.Flush(log, static_cast<uint32_t>(1000 + l));
    }
  }
  for (const auto& outcome : outcomes) {
    std::lock_guard lock(outcome->mutex);
    CHECK(outcome->fired && outcome->ok);
  }
  World world;
  const auto opened = world.Open({.log = {}, .directory = dir / "t-7", .recovery_point = kCleanStop});
  CHECK_EQ(opened.log_end_offset, 50);
  CHECK_EQ(opened.recovered_segments, 0);
}

CHECK_MAIN()
