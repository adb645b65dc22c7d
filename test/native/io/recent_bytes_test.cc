// Goal: a copy is read back whole until its room is taken, and never in part or as another's.
#include "io/recent_bytes.h"

#include <atomic>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "check.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;

Bytes Filled(size_t size, uint32_t with) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(with * 31 + i);
  return bytes;
}

}  // namespace

TEST(what_is_kept_is_read_until_its_room_is_taken) {
  constexpr size_t kCapacity = 10'000;
  RecentBytes recent(kCapacity);
  struct Copy {
    int64_t place;
    Bytes bytes;
  };
  std::deque<Copy> kept;
  std::mt19937 random(7);
  int64_t total = 0;
  int overwritten = 0;
  for (uint32_t i = 0; i < 2'000; ++i) {
    const Bytes bytes = Filled(1 + random() % 3'000, i);
    const int64_t place = recent.Keep(bytes);
    CHECK_EQ(place, total);
    total += static_cast<int64_t>(bytes.size());
    kept.push_back({place, bytes});
    for (const Copy& copy : kept) {
      Bytes into(copy.bytes.size());
      const bool there = copy.place >= total - static_cast<int64_t>(kCapacity);
      CHECK_EQ(recent.Read(copy.place, into), there);
      if (there) CHECK(into == copy.bytes);
      overwritten += there ? 0 : 1;
    }
    while (kept.size() > 20) kept.pop_front();
  }
  CHECK(overwritten > 0);
}

TEST(a_part_of_a_copy_is_read) {
  RecentBytes recent(1'000);
  const Bytes bytes = Filled(600, 3);
  (void)recent.Keep(Filled(700, 1));
  const int64_t place = recent.Keep(bytes);  // Goes round the end.
  Bytes into(200);
  REQUIRE(recent.Read(place + 350, into));
  CHECK(into == Bytes(bytes.begin() + 350, bytes.begin() + 550));
}

TEST(nothing_is_read_where_nothing_was_kept) {
  RecentBytes recent(1'000);
  Bytes into(10);
  CHECK(!recent.Read(0, into));
  CHECK_EQ(recent.Keep(Filled(5, 1)), int64_t{0});
  CHECK(!recent.Read(0, into));
  CHECK(!recent.Read(RecentBytes::kNowhere, into));
  CHECK(!recent.Read(INT64_MAX, into));
}

TEST(large_batches_are_not_kept) {
  RecentBytes large;
  CHECK_EQ(large.Keep(Bytes(RecentBytes::kBatchBytesMax + 1)), RecentBytes::kNowhere);
  CHECK_EQ(large.Keep(Bytes(RecentBytes::kBatchBytesMax)), int64_t{0});
  RecentBytes small(100);
  CHECK_EQ(small.Keep(Bytes(101)), RecentBytes::kNowhere);
}

// Meant for the thread sanitizer.
TEST(readers_beside_writers_see_whole_copies) {
  RecentBytes recent(4'000);
  std::atomic<int64_t> latest{RecentBytes::kNowhere};
  std::atomic<int> writing{2};
  constexpr size_t kSize = 300;
  std::vector<std::thread> threads;
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&] {
      for (uint32_t i = 0; i < 20'000; ++i) {
        const int64_t place = recent.Keep(Filled(kSize, i));
        if (place >= 0) latest.store(place, std::memory_order_relaxed);
      }
      --writing;
    });
  }
  int64_t seen = 0;
  Bytes into(kSize);
  while (writing > 0 || seen == 0) {
    if (!recent.Read(latest.load(std::memory_order_relaxed), into)) continue;
    ++seen;
    for (size_t i = 1; i < kSize; ++i) REQUIRE(into[i] == static_cast<std::byte>(static_cast<size_t>(into[0]) + i));
  }
  for (auto& thread : threads) thread.join();
}

CHECK_MAIN()
