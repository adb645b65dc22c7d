// Goal: a round keeps what Kafka's rules keep, readers never meet the wrong bytes, and whatever a crash leaves behind
// opens with the newest value of every key.

#include <fcntl.h>

#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "../io/faulty_file_system.h"
#include "keyed_log.h"
#include "log/cleaner/offset_map.h"
#include "log/cleaner/segment_reader.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

const LogOptions kOptions{.segment_bytes = 2000, .index_interval_bytes = 300};

CleanRequest RequestUpTo(int64_t offset) { return CleanUpTo(offset, kOptions); }

}  // namespace

TEST(map_holds_the_newest_offset_of_each_key) {
  OffsetMap map(24 * 5000, 0.9);
  CHECK_EQ(map.size_max(), 4500u);
  std::map<std::string, int64_t> model;
  std::mt19937 random(7);
  for (int64_t i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random() % 4000);
    CHECK(map.Put(std::as_bytes(std::span(key)), i));
    model[key] = i;
  }
  CHECK_EQ(map.size(), model.size());
  for (int64_t i = 0; i < 5000; ++i) {
    const std::string key = std::to_string(i);
    CHECK_EQ(map.Get(std::as_bytes(std::span(key))), model.contains(key) ? model[key] : -1);
  }
}

TEST(full_map_refuses_new_keys_only) {
  OffsetMap map(24 * 10, 0.5);
  for (int i = 0; i < 5; ++i) {
    const std::string key = std::to_string(i);
    CHECK(map.Put(std::as_bytes(std::span(key)), i));
  }
  const std::string next = "5", known = "3";
  CHECK(!map.Put(std::as_bytes(std::span(next)), 9));
  CHECK(map.Put(std::as_bytes(std::span(known)), 9));
  CHECK_EQ(map.Get(std::as_bytes(std::span(known))), 9);
}

TEST(newest_of_each_key_stays_with_its_offset) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  const auto last = Fill(world, log, 100);
  const int64_t uncleanable = ActiveBase(world, log);
  const size_t segments = world.store.Segments(log).size();
  const auto result = Clean(world, log, RequestUpTo(uncleanable));
  CHECK(result.status.ok());
  CHECK_EQ(result.end_offset, uncleanable);
  CHECK(result.bytes_written < result.bytes_before / 4);
  const Contents contents = ReadAll(world, log, 300);
  CHECK(contents.last == last);
  CHECK(contents.records < 60);
  // Nothing is left to do for another round, which keeps every byte.
  const auto again = Clean(world, log, RequestUpTo(uncleanable));
  CHECK(again.status.ok());
  CHECK_EQ(again.bytes_written, again.bytes_before);
  CHECK(world.store.Segments(log).size() < segments / 2);
  CHECK(ReadAll(world, log, 300).last == last);
  CHECK(world.Close(log).ok());
  // The indexes of what was written are believed after a clean stop, and right.
  const auto opened = world.Open({.log = kOptions, .directory = dir / "t-0", .recovery_point = kCleanStop, .compacted_below = kCleanStop});
  CHECK_EQ(opened.recovered_segments, 0);
  CHECK_EQ(opened.log_end_offset, 300);
  CHECK(ReadAll(world, opened.log, 300).last == last);
}

TEST(tombstones_stay_until_their_horizon) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  AppendBytes(world, log, KeyedBatch(0, {{"a", "1"}, {"b", "1"}}));
  AppendBytes(world, log, KeyedBatch(2, {{"a", std::nullopt}, {"c", "1"}}));
  AppendBytes(world, log, KeyedBatch(4, {{"last", "1"}}));
  CHECK(world.Call([&](uint32_t t) { world.store.Roll(log, t); }).status.ok());
  CleanRequest request = RequestUpTo(5);
  request.delete_retention_ms = 100;
  CHECK(Clean(world, log, request).status.ok());
  Contents contents = ReadAll(world, log, 5);
  CHECK_EQ(contents.records, 4);
  CHECK(!contents.last.at("a").value.has_value());
  auto done = world.Call([&](uint32_t t) { world.store.ReadHeaders(log, 2, 1, t); });
  const auto header = *ParseBatchHeader(std::get<ByteVector>(done.payload));
  CHECK(header.has_delete_horizon());
  CHECK_EQ(header.base_timestamp, request.now_ms + 100);
  CHECK_EQ(header.max_timestamp, 1003);
  request.now_ms += 99;
  CHECK(Clean(world, log, request).status.ok());
  CHECK_EQ(ReadAll(world, log, 5).records, 4);
  request.now_ms += 1;
  CHECK(Clean(world, log, request).status.ok());
  contents = ReadAll(world, log, 5);
  CHECK_EQ(contents.records, 3);
  CHECK(!contents.last.contains("a"));
}

TEST(newest_batch_of_a_producer_and_of_the_round_leave_their_headers) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  AppendBytes(world, log, KeyedBatch(0, {{"a", "1"}}, 7));
  AppendBytes(world, log, KeyedBatch(1, {{"a", "2"}}, 8));
  AppendBytes(world, log, KeyedBatch(2, {{"a", "3"}}));
  AppendBytes(world, log, KeyedBatch(3, {{"", "no key would be refused before"}}));
  CHECK(world.Call([&](uint32_t t) { world.store.Roll(log, t); }).status.ok());
  CleanRequest request = RequestUpTo(4);
  request.producers.push_back({.producer_id = 8, .last_data_offset = 1, .epoch = 0});
  CHECK(Clean(world, log, request).status.ok());
  auto done = world.Call([&](uint32_t t) { world.store.ReadHeaders(log, 0, 10, t); });
  const ByteVector headers = std::get<ByteVector>(done.payload);
  CHECK_EQ(headers.size(), 3 * kBatchHeaderSize);
  const auto first = *ParseBatchHeader(headers);
  CHECK_EQ(first.base_offset, 1);
  CHECK_EQ(first.record_count, 0);
  CHECK_EQ(first.producer_id, 8);
}

TEST(a_slice_looked_up_before_the_swap_keeps_its_bytes) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  Fill(world, log, 100);
  const LookupQuery query{.offset = 0, .max_offset = 300, .max_bytes = 500, .at_least_one_batch = true};
  const auto before = world.store.Lookup(log, query);
  CHECK(Clean(world, log, RequestUpTo(ActiveBase(world, log))).status.ok());
  const auto after = world.store.Lookup(log, query);
  CHECK(before.segment != after.segment);
  const auto file = world.store.Range(log, before.segment, 0, 0).file;
  REQUIRE(file != nullptr);
  const auto descriptor = file->Acquire();
  REQUIRE(descriptor.ok());
  ByteVector bytes(static_cast<size_t>(before.length));
  CHECK_EQ(::pread(descriptor.value()->get(), bytes.data(), bytes.size(), before.position), before.length);
  CHECK_EQ(ParseBatchHeader(bytes)->base_offset, 0);
  CHECK(world.store.Range(log, after.segment, 0, 0).file != nullptr);
  CHECK(world.store.Range(log, after.segment, 0, 0).file != file);
}

// The index of what compaction wrote knows its own batches, not those it was made from.
TEST(after_the_swap_offsets_are_found_in_the_new_segment) {
  check::TempDirectory dir;
  World world;
  LogOptions options = kOptions;
  options.index_interval_bytes = 50;  // Every batch has an entry.
  const auto log = world.Open({.log = options, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  Fill(world, log, 100);
  const int64_t uncleanable = ActiveBase(world, log);
  const auto find = [&](int64_t offset) {
    return world.store.Lookup(log, {.offset = offset, .max_offset = 300, .max_bytes = 1, .at_least_one_batch = true});
  };
  for (int64_t offset = 0; offset < uncleanable; ++offset) CHECK(find(offset).status == LookupStatus::Found);
  auto request = RequestUpTo(uncleanable);
  request.index_interval_bytes = options.index_interval_bytes;
  CHECK(Clean(world, log, request).status.ok());
  for (int64_t offset = 0; offset < uncleanable; ++offset) {
    const auto found = find(offset);
    REQUIRE(found.status == LookupStatus::Found);
    const ByteVector file = ReadFile(world.store.Range(log, found.segment, 0, 0).file->path());
    const auto at = std::span<const std::byte>(file).subspan(static_cast<size_t>(found.position));
    const auto batch = ParseBatchHeader(at);
    REQUIRE(batch.has_value());
    CHECK_EQ(found.length, batch->size);
    CHECK(batch->last_offset() >= offset);
    if (found.position == 0) continue;
    // No batch before it reaches the offset.
    int64_t before = -1;
    for (int64_t position = 0; position < found.position;) {
      const auto earlier = ParseBatchHeader(std::span<const std::byte>(file).subspan(static_cast<size_t>(position)));
      REQUIRE(earlier.has_value());
      before = earlier->last_offset();
      position += earlier->size;
    }
    CHECK(before < offset);
  }
}

TEST(every_crash_leaves_the_newest_values) {
  check::TempDirectory dir;
  int steps = 0;
  for (;; ++steps) {
    const std::string t = dir / ("t-" + std::to_string(steps));
    std::map<std::string, Found> last;
    bool frozen;
    {
      FaultyFileSystem files;
      World world(files);
      const auto log = world.Open({.log = kOptions, .directory = t, .compacted_below = kCleanStop}).log;
      last = Fill(world, log, 60);
      const int64_t uncleanable = ActiveBase(world, log);
      files.FreezeAfter(steps);
      (void)Clean(world, log, RequestUpTo(uncleanable));
      frozen = files.frozen();
    }
    for (const int64_t recovery_point : {int64_t{0}, kCleanStop}) {
      World world;
      const auto opened = world.Open({.log = kOptions, .directory = t, .recovery_point = recovery_point, .compacted_below = kCleanStop});
      CHECK_EQ(opened.log_end_offset, 180);
      CHECK_EQ(opened.truncated_bytes, 0);
      CHECK(ReadAll(world, opened.log, 180).last == last);
      CHECK(world.Close(opened.log).ok());
    }
    for (const auto& entry : std::filesystem::directory_iterator(t)) {
      const std::string name = entry.path().filename();
      CHECK(!name.ends_with(".cleaned") && !name.ends_with(".swap"));
    }
    if (!frozen) break;
  }
  CHECK(steps > 20);
}

TEST(a_round_that_meets_damage_changes_nothing) {
  check::TempDirectory dir;
  World world;
  const std::string t = dir / "t-0";
  const auto log = world.Open({.log = kOptions, .directory = t, .compacted_below = kCleanStop}).log;
  Fill(world, log, 60);
  const int64_t uncleanable = ActiveBase(world, log);
  ByteVector damaged = ReadFile(SegmentPath(t, 0, ".log"));
  damaged[200] ^= std::byte{1};
  WriteFile(SegmentPath(t, 0, ".log"), damaged);
  const auto result = Clean(world, log, RequestUpTo(uncleanable));
  CHECK_EQ(result.status.error(), EILSEQ);
  CHECK(ReadFile(SegmentPath(t, 0, ".log")) == damaged);
  CHECK(!Exists(SegmentPath(t, 0, ".log.cleaned")));
}

TEST(small_tables_clean_in_several_rounds) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  const auto last = Fill(world, log, 100);
  const int64_t uncleanable = ActiveBase(world, log);
  CleanRequest request = RequestUpTo(uncleanable);
  request.map_bytes = 24 * 12;
  int rounds = 0;
  while (request.first_dirty_offset < uncleanable && ++rounds < 100) {
    const auto result = Clean(world, log, request);
    CHECK(result.status.ok());
    CHECK(result.end_offset > request.first_dirty_offset);
    request.first_dirty_offset = result.end_offset;
  }
  CHECK(rounds > 3);
  CHECK(ReadAll(world, log, 300).last == last);
  request.map_bytes = 24 * 2;
  request.first_dirty_offset = 0;
  CHECK_EQ(Clean(world, log, request).status.error(), ENOBUFS);
}

TEST(appends_reads_and_rounds_at_once) {
  check::TempDirectory dir;
  World world;
  const auto log = world.Open({.log = kOptions, .directory = dir / "t-0", .compacted_below = kCleanStop}).log;
  std::map<std::string, Found> last = Fill(world, log, 60);
  for (int round = 0; round < 10; ++round) {
    const int64_t end = 180 + round * 60;
    std::atomic<bool> done{false};
    const CleanRequest request = RequestUpTo(ActiveBase(world, log));
    std::thread reader([&] {
      while (!done.load()) {
        for (int64_t offset = 0; offset < end; offset += 17) {
          const auto found = world.store.Lookup(
              log, {.offset = offset, .max_offset = end, .max_bytes = 400, .at_least_one_batch = true});
          if (found.status != LookupStatus::Found) continue;
          const auto file = world.store.Range(log, found.segment, 0, 0).file;
          CHECK(file != nullptr);
          if (file == nullptr) continue;
          const auto descriptor = file->Acquire();
          CHECK(descriptor.ok());
          ByteVector bytes(static_cast<size_t>(found.length));
          CHECK_EQ(::pread(descriptor.value()->get(), bytes.data(), bytes.size(), found.position), found.length);
          CHECK(ParseBatchHeader(bytes)->last_offset() >= offset);
        }
      }
    });
    const auto ticket = world.Call([&](uint32_t t) { world.store.Clean(log, request, nullptr, t); });
    for (auto& [key, found] : Fill(world, log, 20, end)) last[key] = found;
    done.store(true);
    reader.join();
    CHECK(std::get<CleanResult>(ticket.payload).status.ok());
    CHECK(ReadAll(world, log, end + 60).last == last);
  }
}

CHECK_MAIN()
