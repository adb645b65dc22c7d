#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace millrace {

// Whatever an event carries besides numbers. Owned by the event until the consumer takes it.
struct EventPayload {
  virtual ~EventPayload() = default;
};

// One event as the script reads it from shared memory: 32 bytes, native byte order.
//
// | bytes | field                                                |
// | 0     | type                                                 |
// | 4..15 | a, b, c                                              |
// | 16    | number (double), or d and e as two int32             |
// | 24    | payload (pointer, opaque to the script), or f (int32)|
struct Event {
  int32_t type = 0;
  int32_t a = 0;
  int32_t b = 0;
  int32_t c = 0;
  union {
    double number;
    int32_t pair[2];
  };
  union {
    EventPayload* payload;
    int32_t f;
  };

  Event() : number(0), payload(nullptr) {}
  static Event Of(int32_t type, int32_t a, int32_t b = 0, int32_t c = 0) {
    Event event;
    event.type = type;
    event.a = a;
    event.b = b;
    event.c = c;
    return event;
  }
};
static_assert(sizeof(Event) == 32);

// Many producers, one consumer. Producers never block and never lose an event: what does not fit the ring waits
// in an overflow list, and Overflowing() tells the reactors to stop reading sockets until it is empty again.
// The overflow is bounded by what was in flight when it began.
//
// The consumer is woken only when it sleeps, that is after Peek found nothing.
class EventRing {
 public:
  // `capacity` is a power of two. `wake` runs on producer threads; `on_room` on the consumer when an overflow
  // ended.
  EventRing(size_t capacity, std::function<void()> wake, std::function<void()> on_room);
  ~EventRing();
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;

  // Any thread.
  void Push(std::span<const Event> events);
  void Push(const Event& event) { Push(std::span(&event, 1)); }
  bool Overflowing() const { return overflowing_.load(std::memory_order_acquire); }

  // Consumer thread. The oldest events, at most `max`, as one contiguous run of the ring; an empty run means
  // that the next Push wakes.
  std::span<Event> Peek(size_t max);
  // Consumer thread: it is about to Peek until nothing is left, so nobody needs to wake it.
  void StayAwake() {
    std::lock_guard lock(mutex_);
    asleep_ = false;
  }
  size_t IndexOf(const Event& event) const { return static_cast<size_t>(&event - ring_.get()); }
  // Gives back the first `count` events of the last Peek. Payloads that were not taken are freed.
  void Consume(size_t count);
  int32_t TypeAt(size_t index) const { return index < capacity_ ? ring_[index].type : 0; }
  // Index of the ring slot as the script knows it.
  std::unique_ptr<EventPayload> TakePayload(size_t index);

  std::span<std::byte> memory() { return {reinterpret_cast<std::byte*>(ring_.get()), capacity_ * sizeof(Event)}; }

  // Types above this one carry a payload pointer.
  static constexpr int32_t kPayloadTypesFrom = 100;

 private:
  Event& Slot(uint64_t index) { return ring_[index & (capacity_ - 1)]; }
  void Refill();  // Requires mutex_.

  const size_t capacity_;
  const std::function<void()> wake_;
  const std::function<void()> on_room_;
  const std::unique_ptr<Event[]> ring_;
  std::atomic<bool> overflowing_{false};

  std::mutex mutex_;
  // Guarded by mutex_.
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  std::deque<Event> overflow_;
  bool asleep_ = true;
};

}  // namespace millrace
