#include "base/event_ring.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace millrace {

namespace {
bool CarriesPayload(const Event& event) { return event.type >= EventRing::kPayloadTypesFrom; }
}  // namespace

EventRing::EventRing(size_t capacity, std::function<void()> wake, std::function<void()> on_room)
    : capacity_(capacity),
      wake_(std::move(wake)),
      on_room_(std::move(on_room)),
      ring_(std::make_unique<Event[]>(capacity)) {
  assert((capacity & (capacity - 1)) == 0);
}

EventRing::~EventRing() {
  for (uint64_t index = head_; index != tail_; index++) {
    if (CarriesPayload(Slot(index))) delete Slot(index).payload;
  }
  for (Event& event : overflow_) {
    if (CarriesPayload(event)) delete event.payload;
  }
}

void EventRing::Push(std::span<const Event> events) {
  if (events.empty()) return;
  bool wake;
  {
    std::lock_guard lock(mutex_);
    size_t fitting = 0;
    // Order matters: once something overflowed, everything later goes behind it.
    if (overflow_.empty()) fitting = std::min(events.size(), static_cast<size_t>(capacity_ - (tail_ - head_)));
    for (const Event& event : events.first(fitting)) Slot(tail_++) = event;
    if (fitting < events.size()) {
      overflow_.insert(overflow_.end(), events.begin() + static_cast<ptrdiff_t>(fitting), events.end());
      overflowing_.store(true, std::memory_order_release);
    }
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_();
}

std::span<Event> EventRing::Peek(size_t max) {
  std::lock_guard lock(mutex_);
  if (head_ == tail_) {
    asleep_ = true;
    return {};
  }
  const size_t begin = head_ & (capacity_ - 1);
  const size_t run = std::min({static_cast<size_t>(tail_ - head_), capacity_ - begin, max});
  return {&ring_[begin], run};
}

std::unique_ptr<EventPayload> EventRing::TakePayload(size_t index) {
  if (index >= capacity_ || !CarriesPayload(ring_[index])) return nullptr;
  return std::unique_ptr<EventPayload>(std::exchange(ring_[index].payload, nullptr));
}

void EventRing::Consume(size_t count) {
  bool room = false;
  {
    std::lock_guard lock(mutex_);
    assert(count <= tail_ - head_);
    for (size_t i = 0; i < count; i++) {
      Event& event = Slot(head_++);
      if (CarriesPayload(event)) delete std::exchange(event.payload, nullptr);
    }
    if (!overflow_.empty()) {
      Refill();
      room = overflow_.empty();
      if (room) overflowing_.store(false, std::memory_order_release);
    }
  }
  if (room && on_room_) on_room_();
}

void EventRing::Refill() {
  const size_t fitting = std::min(overflow_.size(), static_cast<size_t>(capacity_ - (tail_ - head_)));
  for (size_t i = 0; i < fitting; i++) {
    Slot(tail_++) = overflow_.front();
    overflow_.pop_front();
  }
}

}  // namespace millrace
