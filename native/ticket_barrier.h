#pragma once

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "engine.h"

namespace millrace {

// The appends of one ticket and what happens when they are settled: the attached reply goes straight to the
// reactor from whoever wrote last, or an event tells the script.
class Engine::TicketBarrier final : public AppendBarrier {
 public:
  TicketBarrier(Engine& engine, int32_t ticket) : engine_(engine), ticket_(ticket) {}

  // Main thread, before the engine settles its own count.
  void Attach(const ConnectionRef& to, int32_t sequence, std::span<const std::byte> bytes) {
    attached_ = true;
    // A connection that is gone needs no reply, and the script expects no event.
    if (to.handle < 0) return;
    to_ = to;
    sequence_ = sequence;
    length_ = bytes.size();
    if (length_ <= small_.size()) {
      std::ranges::copy(bytes, small_.begin());
    } else {
      large_.assign(bytes.begin(), bytes.end());
    }
  }

 private:
  // Whole replies to requests of a few partitions fit, so that a ticket costs one allocation.
  static constexpr size_t kSmallBytes = 192;

  void OnFired(bool ok) noexcept override {
    if (!ok) {
      engine_.events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kTicketFailed), ticket_));
    } else if (!attached_) {
      engine_.events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kTicketDone), ticket_));
    } else if (length_ > 0) {
      Reply();
    }
  }
  void Reply() {
    const std::span<const std::byte> bytes =
        length_ <= small_.size() ? std::span<const std::byte>(small_.data(), length_) : large_;
    if (std::this_thread::get_id() == engine_.main_thread_) {
      engine_.outgoing_[to_.reactor].AddReply(to_, sequence_, bytes);
      return;
    }
    InboxBatch reply;
    reply.AddReply(to_, sequence_, bytes);
    engine_.reactors_[to_.reactor]->inbox().Deliver(reply);
  }

  Engine& engine_;
  const int32_t ticket_;
  bool attached_ = false;
  int32_t sequence_ = 0;
  ConnectionRef to_;
  size_t length_ = 0;
  std::array<std::byte, kSmallBytes> small_;
  std::vector<std::byte> large_;
};

}  // namespace millrace
