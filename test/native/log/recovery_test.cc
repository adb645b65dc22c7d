// Goal: whatever a crash leaves behind, a log opens with exactly the batches that were whole, and can go on.

#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "log/recovery.h"

using namespace millrace;
using namespace millrace::test;

namespace {

const LogOptions kOptions{.index_interval_bytes = 300};

std::string LogPath(const std::string& directory, int64_t base_offset, const char* extension = ".log") {
  return SegmentPath(directory, base_offset, extension);
}

// Writes `count` single-record batches of 161 bytes over segments of `per_segment` and closes cleanly.
void Build(const std::string& directory, int64_t count, int64_t per_segment) {
  World world;
  LogOptions options = kOptions;
  options.segment_bytes = 161 * per_segment;
  const auto opened = world.Open({.log = options, .directory = directory});
  for (int64_t i = 0; i < count; ++i) CHECK(world.Append(opened.log, {.base_offset = i, .timestamp = 1000 + i}));
  CHECK(world.Close(opened.log).ok());
}

OpenOptions Unclean(const std::string& directory, int64_t recovery_point = 0) {
  return {.log = kOptions, .directory = directory, .recovery_point = recovery_point};
}
OpenOptions Clean(const std::string& directory) { return Unclean(directory, kCleanStop); }

}  // namespace

TEST(last_write_cut_at_every_byte) {
  check::TempDirectory dir;
  Build(dir / "whole", 4, 100);
  const ByteVector whole = ReadFile(LogPath(dir / "whole", 0));
  CHECK_EQ(whole.size(), 4u * 161);
  const std::string cut = dir / "cut";
  for (size_t size = 3 * 161; size <= whole.size(); ++size) {
    std::filesystem::remove_all(cut);
    std::filesystem::create_directory(cut);
    WriteFile(LogPath(cut, 0), std::span(whole).first(size));
    World world;
    const auto opened = world.Open(Unclean(cut));
    const bool all = size == whole.size();
    CHECK_EQ(opened.log_end_offset, all ? 4 : 3);
    CHECK_EQ(opened.truncated_bytes, all ? 0 : static_cast<int64_t>(size - 3 * 161));
    CHECK_EQ(opened.recovered_segments, 1);
    // Appending goes on behind the cut, and the result is what an undisturbed log holds.
    if (!all) CHECK(world.Append(opened.log, {.base_offset = 3, .timestamp = 1003}));
    CHECK(ReadFile(LogPath(cut, 0)) == whole);
    CHECK(world.Close(opened.log).ok());
    CHECK(ReadFile(LogPath(cut, 0, ".index")) == ReadFile(LogPath(dir / "whole", 0, ".index")));
  }
}

TEST(every_damaged_byte_of_the_last_batch_is_noticed) {
  check::TempDirectory dir;
  Build(dir / "t-0", 3, 100);
  const ByteVector whole = ReadFile(LogPath(dir / "t-0", 0));
  for (size_t at = 2 * 161; at < whole.size(); ++at) {
    ByteVector bad = whole;
    bad[at] ^= std::byte{0x41};
    WriteFile(LogPath(dir / "t-0", 0), bad);
    World world;
    const auto opened = world.Open(Unclean(dir / "t-0"));
    // The low bytes of base offset and the leader epoch lie outside the sum; an offset that grew is legal.
    const size_t in_batch = at - 2 * 161;
    const bool seen = in_batch >= 16 || (in_batch >= 8 && in_batch < 12);
    if (seen) CHECK_EQ(opened.log_end_offset, 2);
    CHECK(world.Close(opened.log).ok());
  }
}

TEST(damage_in_the_middle_drops_later_segments) {
  check::TempDirectory dir;
  const std::string t = dir / "t-0";
  Build(t, 20, 5);
  ByteVector second = ReadFile(LogPath(t, 5));
  second[161 + 80] ^= std::byte{1};
  WriteFile(LogPath(t, 5), second);
  {
    World world;
    const auto opened = world.Open(Unclean(t));
    CHECK_EQ(opened.log_end_offset, 6);
    CHECK_EQ(opened.recovered_segments, 2);
    CHECK_EQ(opened.segment_count, 2);
    CHECK_EQ(opened.truncated_bytes, 4 * 161 + 2 * 5 * 161);
    CHECK(world.Append(opened.log, {.base_offset = 6}));
    CHECK(world.Close(opened.log).ok());
  }
  CHECK(!Exists(LogPath(t, 10)));
  CHECK(!Exists(LogPath(t, 10, ".log.deleted")));
  CHECK(!Exists(LogPath(t, 15, ".timeindex")));
}

TEST(only_segments_above_the_recovery_point_are_scanned) {
  check::TempDirectory dir;
  const std::string t = dir / "t-0";
  Build(t, 20, 5);
  const std::vector<std::pair<int64_t, int64_t>> cases{{0, 4}, {4, 4}, {5, 3}, {12, 2}, {20, 1}, {kCleanStop, 0}};
  for (const auto& [point, scanned] : cases) {
    World world;
    const auto opened = world.Open(Unclean(t, point));
    CHECK_EQ(opened.recovered_segments, scanned);
    CHECK_EQ(opened.log_end_offset, 20);
    CHECK_EQ(opened.truncated_bytes, 0);
    CHECK(world.Close(opened.log).ok());
  }
}

TEST(bad_indexes_of_closed_segments_are_rebuilt) {
  check::TempDirectory dir;
  const std::string t = dir / "t-0";
  Build(t, 20, 5);
  const ByteVector index = ReadFile(LogPath(t, 5, ".index"));
  const ByteVector time = ReadFile(LogPath(t, 5, ".timeindex"));
  CHECK_EQ(index.size(), 16u);
  const auto rebuilt = [&] {
    World world;
    const auto opened = world.Open(Clean(t));
    CHECK_EQ(opened.recovered_segments, 1);
    CHECK_EQ(opened.log_end_offset, 20);
    CHECK(world.Close(opened.log).ok());
    CHECK(ReadFile(LogPath(t, 5, ".index")) == index);
    CHECK(ReadFile(LogPath(t, 5, ".timeindex")) == time);
  };
  ::unlink(LogPath(t, 5, ".index").c_str());
  rebuilt();
  ::unlink(LogPath(t, 5, ".timeindex").c_str());
  rebuilt();
  WriteFile(LogPath(t, 5, ".index"), std::span(index).first(15));
  rebuilt();
  ByteVector untrimmed = index;
  untrimmed.resize(4096);
  WriteFile(LogPath(t, 5, ".index"), untrimmed);
  rebuilt();
  ByteVector wild = index;
  StoreInt32(wild.data() + 12, 1 << 20);
  WriteFile(LogPath(t, 5, ".index"), wild);
  rebuilt();
  ByteVector falling = time;
  StoreInt64(falling.data() + falling.size() - 12, 1);
  WriteFile(LogPath(t, 5, ".timeindex"), falling);
  rebuilt();
}

TEST(a_clean_stop_is_not_believed_when_the_last_segment_disagrees) {
  check::TempDirectory dir;
  const std::string t = dir / "t-0";
  Build(t, 5, 100);
  const ByteVector whole = ReadFile(LogPath(t, 0));
  WriteFile(LogPath(t, 0), std::span(whole).first(whole.size() - 1));
  World world;
  const auto opened = world.Open(Clean(t));
  CHECK_EQ(opened.recovered_segments, 1);
  CHECK_EQ(opened.log_end_offset, 4);
}

TEST(leftovers_of_deletion_and_compaction) {
  check::TempDirectory dir;
  const std::string t = dir / "t-0";
  Build(t, 20, 5);
  const auto copy = [&](int64_t base_offset, const char* extension, const std::string& suffix) {
    const std::string from = LogPath(t, base_offset, extension);
    std::filesystem::copy_file(from, from + suffix, std::filesystem::copy_options::overwrite_existing);
  };
  // A finished compaction of the segments 0 and 5 into one, interrupted before the old ones were removed.
  ByteVector merged = MakeBatch({.base_offset = 2, .timestamp = 1002});
  const ByteVector last = MakeBatch({.base_offset = 9, .timestamp = 1009});
  merged.insert(merged.end(), last.begin(), last.end());
  WriteFile(LogPath(t, 0, ".log.swap"), merged);
  copy(10, ".log", ".deleted");
  copy(10, ".index", ".deleted");
  WriteFile(LogPath(t, 77, ".index"), {});
  WriteFile(t + "/leader-epoch-checkpoint", {});
  WriteFile(t + "/00000000000000000020.snapshot", {});
  {
    World world;
    const auto opened = world.Open(Clean(t));
    CHECK_EQ(opened.segment_count, 3);
    CHECK_EQ(opened.log_end_offset, 20);
    const auto found = world.store.Lookup(opened.log, {.offset = 3, .max_offset = 20, .max_bytes = 1000, .at_least_one_batch = true});
    CHECK_EQ(found.segment, 0);
    CHECK_EQ(found.position, 161);  // Offset 9: the next batch that exists.
    // Nothing is left at or above 9 but below the next segment.
    const auto ten = world.store.Lookup(opened.log, {.offset = 10, .max_offset = 20, .max_bytes = 1000, .at_least_one_batch = true});
    CHECK_EQ(ten.segment, 10);
  }
  CHECK(ReadFile(LogPath(t, 0)) == merged);
  CHECK(!Exists(LogPath(t, 5)));
  CHECK(!Exists(LogPath(t, 10, ".log.deleted")));
  CHECK(!Exists(LogPath(t, 77, ".index")));
  CHECK(Exists(t + "/leader-epoch-checkpoint"));
  CHECK(Exists(t + "/00000000000000000020.snapshot"));

  // A compaction that never finished: its output, and what it had already swapped above, is worthless.
  copy(10, ".log", ".cleaned");
  copy(15, ".log", ".swap");
  World world;
  CHECK_EQ(world.Open(Clean(t)).log_end_offset, 20);
  CHECK(!Exists(LogPath(t, 10, ".log.cleaned")));
  CHECK(!Exists(LogPath(t, 15, ".log.swap")));
  CHECK(Exists(LogPath(t, 15)));
}

TEST(starts_where_it_is_told) {
  check::TempDirectory dir;
  World world;
  const auto fresh = world.Open({.log = {}, .directory = dir / "t-0", .log_start_offset = 42});
  CHECK_EQ(fresh.log_start_offset, 42);
  CHECK_EQ(fresh.log_end_offset, 42);
  CHECK(Exists(LogPath(dir / "t-0", 42)));
  CHECK(world.Append(fresh.log, {.base_offset = 42}));
  // A start above the end means the records were deleted elsewhere.
  Build(dir / "t-1", 5, 100);
  const auto ahead = world.Open({.log = {}, .directory = dir / "t-1", .log_start_offset = 9, .recovery_point = kCleanStop});
  CHECK_EQ(ahead.log_start_offset, 9);
  CHECK_EQ(ahead.log_end_offset, 9);
  CHECK_EQ(ahead.segment_count, 1);
}

TEST(old_formats_are_kept) {
  check::TempDirectory dir;
  std::filesystem::create_directory(dir / "t-0");
  // Magic 1, offset 7, timestamp 77, null key, value "v"; sum over everything from the magic on.
  ByteVector old(12 + 23);
  StoreInt64(old.data(), 7);
  StoreInt32(old.data() + 8, 23);
  old[16] = std::byte{1};
  StoreInt64(old.data() + 18, 77);
  StoreInt32(old.data() + 26, -1);
  StoreInt32(old.data() + 30, 1);
  old[34] = std::byte{'v'};
  StoreUint32(old.data() + 12, 0xdf25cb3eu);
  WriteFile(LogPath(dir / "t-0", 0), old);
  World world;
  const auto opened = world.Open(Unclean(dir / "t-0"));
  CHECK_EQ(opened.log_end_offset, 8);
  CHECK_EQ(opened.truncated_bytes, 0);
}

// A power cut can take the unsynced end of one segment at a batch boundary, or all of it, and leave the next one whole.
TEST(what_follows_a_gap_is_cut_unless_compaction_made_it) {
  struct Case {
    int64_t compacted_below;
    size_t batches_left;
    // A batch in the middle of the segment is gone too, as only compaction takes it.
    bool gap_inside;
    int64_t end;
  };
  const std::vector<Case> cases{
      // Never compacted.
      {0, 2, false, 5},
      {0, 0, false, 3},
      // Compaction is not known to have been here, and nothing else is missing.
      {1, 2, false, 5},
      {1, 0, false, 3},
      {5, 2, false, 5},
      // It is, or has left its traces.
      {6, 2, false, 9},
      {4, 0, false, 9},
      {kCleanStop, 0, false, 9},
      {1, 1, true, 9},
  };
  for (const Case& each : cases) {
    check::TempDirectory dir;
    Build(dir / "t-0", 9, 3);
    const std::string middle = LogPath(dir / "t-0", 3);
    ByteVector bytes = ReadFile(middle);
    if (each.gap_inside) bytes.erase(bytes.begin(), bytes.begin() + 161);
    bytes.resize(each.batches_left * 161);
    WriteFile(middle, bytes);
    World world;
    OpenOptions options = Unclean(dir / "t-0");
    options.compacted_below = each.compacted_below;
    const auto opened = world.Open(options);
    CHECK_EQ(opened.log_end_offset, each.end);
    CHECK_EQ(opened.segment_count, each.end == 9 ? 3 : 2);
    CHECK_EQ(opened.truncated_bytes, each.end == 9 ? 0 : 3 * 161);
    CHECK(world.Append(opened.log, {.base_offset = each.end}));
    CHECK(world.Close(opened.log).ok());
  }
}

TEST(a_scan_tells_what_the_headers_say) {
  check::TempDirectory dir;
  Build(dir / "t-0", 6, 2);
  const auto open = [&](int64_t recovery_point) {
    World world;
    const auto opened = world.Open(Unclean(dir / "t-0", recovery_point));
    CHECK(world.Close(opened.log).ok());
    return opened.scanned;
  };
  // Segments that reach above the recovery point; the last one always unless the stop was clean.
  CHECK_EQ(open(0).from, 0);
  CHECK_EQ(open(2).from, 2);
  CHECK_EQ(open(6).from, 4);
  CHECK_EQ(open(kCleanStop).from, -1);
  const ScannedTail scanned = open(0);
  CHECK(scanned.plain);
  REQUIRE(scanned.epochs.size() == 1);
  CHECK_EQ(scanned.epochs[0].epoch, 5);
  CHECK_EQ(scanned.epochs[0].start_offset, 0);

  // Neither is covered by the checksum of a batch: the epoch is stamped, and the second one is summed anew.
  const std::string path = LogPath(dir / "t-0", 4);
  ByteVector bytes = ReadFile(path);
  StoreInt32(bytes.data() + 161 + 12, 8);
  WriteFile(path, bytes);
  const ScannedTail later = open(0);
  CHECK(later.plain);
  REQUIRE(later.epochs.size() == 2);
  CHECK_EQ(later.epochs[1].epoch, 8);
  CHECK_EQ(later.epochs[1].start_offset, 5);
  StoreInt64(bytes.data() + 43, 77);
  StoreUint32(bytes.data() + 17, Crc32c(std::span<const std::byte>(bytes).first(161).subspan(kBatchCrcStart)));
  WriteFile(path, bytes);
  CHECK(!open(0).plain);
}

TEST(an_active_segment_too_small_for_entries_gets_its_indexes_when_it_is_closed) {
  check::TempDirectory dir;
  const LogOptions options{.segment_bytes = 1 << 20};
  for (const int64_t batches : {0, 2}) {
    const std::string directory = dir / ("t-" + std::to_string(batches));
    std::filesystem::create_directory(directory);
    ByteVector bytes;
    for (int64_t i = 0; i < batches; ++i) {
      const ByteVector batch = MakeBatch({.base_offset = i, .timestamp = 1000 + i, .walkable = true});
      bytes.insert(bytes.end(), batch.begin(), batch.end());
    }
    WriteFile(LogPath(directory, 0), bytes);
    World world;
    auto opened = world.Open({.log = options, .directory = directory});
    CHECK_EQ(opened.log_end_offset, batches);
    CHECK(!Exists(LogPath(directory, 0, ".index")));
    CHECK(!Exists(LogPath(directory, 0, ".timeindex")));
    const auto hit = world.Call([&](uint32_t t) { world.store.FindMaxTimestamp(opened.log, batches, t); });
    CHECK_EQ(std::get<std::optional<TimestampHit>>(hit.payload).has_value(), batches > 0);
    CHECK(world.Append(opened.log, {.base_offset = batches, .timestamp = 2000}));
    CHECK(world.Close(opened.log).ok());
    CHECK_EQ(ReadFile(LogPath(directory, 0, ".index")).size(), 0u);
    CHECK_EQ(ReadFile(LogPath(directory, 0, ".timeindex")).size(), 12u);
    opened = world.Open({.log = options, .directory = directory, .recovery_point = kCleanStop});
    CHECK_EQ(opened.recovered_segments, 0);
    CHECK_EQ(opened.log_end_offset, batches + 1);
  }
}

CHECK_MAIN()
