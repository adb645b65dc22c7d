#pragma once

#include <sys/socket.h>

#include <vector>

#include "frame_arena.h"
#include "sockets.h"

namespace millrace::bench {

// One non-blocking connection of a load. It sends frames of an arena, or bytes of its own, in the order they
// were queued, and cuts what it receives into frames. Owned and used by the thread of the load.
class Connection {
 public:
  Connection(const Address& address, const FrameArena* arena);

  int fd() const { return socket_.get(); }
  // Frames queued and not yet wholly handed to the kernel.
  size_t unsent() const { return queue_.size() - unsent_head_; }
  void QueueFrame(uint32_t frame) {
    if (unsent_head_ >= kQueueHeadMax) CutQueue();
    queue_.push_back(frame);
  }
  // A connection is used with `QueueFrame` or with `QueueBytes`, not with both.
  void QueueBytes(Bytes bytes) { own_.insert(own_.end(), bytes.begin(), bytes.end()); }

  // Sends what the socket takes; true when something is left for when it is writable again.
  bool Pump();

  // Calls `on_frame(bytes)` for every whole frame that arrived, size prefix not included.
  template <typename OnFrame>
  void Drain(OnFrame on_frame);

  // Calls `on_head(head, length)` when a whole frame of `length` bytes has arrived, of which only the first
  // bytes were copied: the rest is dropped in the kernel, as a network card would have dropped it into memory
  // of another machine. For connections with one request in flight.
  template <typename OnHead>
  void DrainHeads(OnHead on_head);

 private:
  static constexpr size_t kHeadBytes = 192;
  static constexpr size_t kReceiveBytes = 256 * 1024;
  static constexpr size_t kFrameBytesMax = 1u << 30;
  static constexpr size_t kQueueHeadMax = 4096;

  void CutQueue() {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(unsent_head_));
    unsent_head_ = 0;
  }

  bool PumpArena();
  bool PumpOwn();
  bool PumpSmall();
  // Bytes received, 0 when there are none for now.
  size_t Receive(std::byte* into, size_t room, int flags);
  static size_t FrameSize(const std::byte* at);

  UniqueFd socket_;
  const FrameArena* arena_;
  // A vector with a moving head.
  std::vector<uint32_t> queue_;
  size_t unsent_head_ = 0;
  size_t sent_of_frame_ = 0;
  std::vector<std::byte> own_;
  size_t own_sent_ = 0;
  std::vector<std::byte> in_;
  size_t have_ = 0;
  size_t dropped_ = 0;
};

template <typename OnFrame>
void Connection::Drain(OnFrame on_frame) {
  for (;;) {
    const size_t room = in_.size() - have_;
    const size_t n = Receive(in_.data() + have_, room, 0);
    have_ += n;
    size_t at = 0;
    while (have_ - at >= 4) {
      const size_t size = FrameSize(in_.data() + at);
      if (have_ - at < 4 + size) {
        if (4 + size > in_.size()) in_.resize(4 + size);
        break;
      }
      on_frame(Bytes(in_.data() + at + 4, size));
      at += 4 + size;
    }
    have_ -= at;
    if (at > 0 && have_ > 0) std::memmove(in_.data(), in_.data() + at, have_);
    if (n < room) return;
  }
}

template <typename OnHead>
void Connection::DrainHeads(OnHead on_head) {
  for (;;) {
    const size_t size = have_ < 4 ? kFrameBytesMax : FrameSize(in_.data());
    const size_t head = std::min(kHeadBytes, 4 + size);
    if (have_ < head) {
      const size_t n = Receive(in_.data() + have_, head - have_, 0);
      have_ += n;
      if (n == 0) return;
      continue;
    }
    const size_t rest = 4 + size - have_ - dropped_;
    if (rest > 0) {
      const size_t n = Receive(in_.data() + have_, rest, MSG_TRUNC);
      dropped_ += n;
      if (n < rest) return;
    }
    const Bytes bytes(in_.data() + 4, have_ - 4);
    have_ = dropped_ = 0;
    on_head(bytes, size);
  }
}

}  // namespace millrace::bench
