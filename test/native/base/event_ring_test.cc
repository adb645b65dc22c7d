// Goal: no event is lost, doubled or reordered within its producer, also when the ring overflows; the consumer
// is woken whenever it slept.
#include "base/event_ring.h"

#include <condition_variable>
#include <thread>

#include "check.h"

using namespace millrace;

namespace {

std::atomic<int> payloads{0};
struct Counted final : EventPayload {
  Counted() { payloads++; }
  ~Counted() override { payloads--; }
};

}  // namespace

TEST(ProducersKeepTheirOrderThroughOverflow) {
  constexpr int kProducers = 3;
  constexpr int kEvents = 30'000;
  std::mutex mutex;
  std::condition_variable bell;
  int rings = 0;
  EventRing ring(
      256,
      [&] {
        std::lock_guard lock(mutex);
        rings++;
        bell.notify_one();
      },
      nullptr);
  std::vector<std::thread> producers;
  for (int producer = 0; producer < kProducers; producer++) {
    producers.emplace_back([&ring, producer] {
      std::vector<Event> batch;
      for (int i = 0; i < kEvents; i++) {
        batch.push_back(Event::Of(1, producer, i));
        if (i % 7 == 0 || i + 1 == kEvents) {
          ring.Push(batch);
          batch.clear();
        }
      }
    });
  }
  std::vector<int> next(kProducers, 0);
  int seen = 0;
  while (seen < kProducers * kEvents) {
    const auto events = ring.Peek(100);
    if (events.empty()) {
      // A ring that failed to wake the consumer would leave this waiting for ever.
      std::unique_lock lock(mutex);
      bell.wait(lock, [&] { return rings > 0; });
      rings = 0;
      continue;
    }
    for (const Event& event : events) {
      CHECK_EQ(event.b, next[static_cast<size_t>(event.a)]++);
      seen++;
    }
    ring.Consume(events.size());
  }
  for (auto& producer : producers) producer.join();
  CHECK(ring.Peek(10).empty());
}

TEST(OverflowIsToldAndEnds) {
  int room = 0;
  EventRing ring(4, [] {}, [&] { room++; });
  for (int i = 0; i < 10; i++) ring.Push(Event::Of(1, i));
  CHECK(ring.Overflowing());
  for (int i = 0; i < 10;) {
    const auto events = ring.Peek(3);
    for (const Event& event : events) CHECK_EQ(event.a, i++);
    ring.Consume(events.size());
  }
  CHECK(!ring.Overflowing());
  CHECK_EQ(room, 1);
}

TEST(PayloadsAreTakenOnceOrFreed) {
  {
    EventRing ring(4, [] {}, nullptr);
    for (int i = 0; i < 6; i++) {
      Event event = Event::Of(EventRing::kPayloadTypesFrom, i);
      event.payload = new Counted;
      ring.Push(event);
    }
    const auto events = ring.Peek(2);
    CHECK(ring.TakePayload(ring.IndexOf(events[0])) != nullptr);
    CHECK(ring.TakePayload(ring.IndexOf(events[0])) == nullptr);
    ring.Consume(2);
    CHECK_EQ(payloads.load(), 4);
  }
  CHECK_EQ(payloads.load(), 0);
}

CHECK_MAIN()
