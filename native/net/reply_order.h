#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "net/inbox.h"

namespace millrace {

// A reply that waits for the replies before it. A frame without reply is one with nothing in it.
struct ParkedReply {
  std::vector<std::byte> bytes;
  std::vector<ReplySlice> slices;
};

// Puts the replies of one connection into the order of its frames. Reactor thread. Never holds more than the
// frames in flight, which the reactor bounds.
class ReplyOrder {
 public:
  enum class Place { kNow, kLater, kStale };

  // One more frame was handed out; its sequence.
  int32_t Received() { return received_++; }
  int32_t received() const { return received_; }
  int32_t next() const { return next_; }
  int32_t in_flight() const { return received_ - next_; }

  // kStale: answered already, or never received.
  Place PlaceOf(int32_t sequence) const {
    if (sequence < next_ || sequence >= received_) return Place::kStale;
    if (sequence == next_) return Place::kNow;
    const size_t index = IndexOf(sequence);
    return parked_ && index < parked_->size() && (*parked_)[index].has_value() ? Place::kStale : Place::kLater;
  }
  // After PlaceOf said kLater.
  void Park(int32_t sequence, ParkedReply reply) {
    const size_t index = IndexOf(sequence);
    if (!parked_) parked_ = std::make_unique<std::deque<std::optional<ParkedReply>>>();
    if (index >= parked_->size()) parked_->resize(index + 1);
    (*parked_)[index] = std::move(reply);
  }
  // The reply of frame next() was given out.
  void Advance() {
    next_++;
    if (parked_ && !parked_->empty()) parked_->pop_front();
  }
  // The parked reply whose turn it is now; Advance after giving it out.
  std::optional<ParkedReply> TakeNext() {
    if (!parked_ || parked_->empty() || !parked_->front().has_value()) return std::nullopt;
    return std::exchange(parked_->front(), std::nullopt);
  }

 private:
  size_t IndexOf(int32_t sequence) const { return static_cast<size_t>(sequence - next_); }

  int32_t received_ = 0;
  int32_t next_ = 0;
  // (*parked_)[i] answers frame next_ + i; the front is empty except between Advance and TakeNext. Made when
  // a reply first comes out of order, which most connections never see.
  std::unique_ptr<std::deque<std::optional<ParkedReply>>> parked_;
};

}  // namespace millrace
