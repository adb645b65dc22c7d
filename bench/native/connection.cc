#include "connection.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

#include "fatal.h"

namespace millrace::bench {
namespace {

// From here on two system calls per frame with a page reference are cheaper than copying it into one call.
constexpr size_t kSendfileBytesMin = 8 * 1024;
constexpr int kGatherMax = 64;

// True when the socket buffer is full; any other failure ends the program.
bool WouldBlock(const char* operation) {
  if (errno == EAGAIN || errno == EINTR) return true;
  FailErrno(operation);
}

}  // namespace

Connection::Connection(const Address& address, const FrameArena* arena)
    : socket_(Connect(address)), arena_(arena), in_(kReceiveBytes) {
  SetNonBlocking(socket_.get());
}

bool Connection::Pump() {
  if (PumpOwn()) return true;
  return PumpArena();
}

bool Connection::PumpOwn() {
  while (own_sent_ < own_.size()) {
    const ssize_t n = ::send(fd(), own_.data() + own_sent_, own_.size() - own_sent_, MSG_NOSIGNAL);
    if (n < 0) return WouldBlock("send");
    own_sent_ += static_cast<size_t>(n);
  }
  own_.clear();
  own_sent_ = 0;
  return false;
}

bool Connection::PumpArena() {
  while (unsent_head_ < queue_.size()) {
    const FrameArena::Frame frame = arena_->frame(queue_[unsent_head_]);
    if (frame.length < kSendfileBytesMin) {
      if (PumpSmall()) return true;
      continue;
    }
    auto from = static_cast<off_t>(frame.position + sent_of_frame_);
    const ssize_t n = ::sendfile(fd(), arena_->fd(), &from, frame.length - sent_of_frame_);
    if (n < 0) return WouldBlock("sendfile");
    sent_of_frame_ += static_cast<size_t>(n);
    if (sent_of_frame_ < frame.length) continue;
    sent_of_frame_ = 0;
    ++unsent_head_;
  }
  queue_.clear();
  unsent_head_ = 0;
  return false;
}

bool Connection::PumpSmall() {
  iovec parts[kGatherMax];
  int count = 0;
  for (size_t i = unsent_head_; i < queue_.size() && count < kGatherMax; ++i, ++count) {
    const FrameArena::Frame frame = arena_->frame(queue_[i]);
    const size_t skip = count == 0 ? sent_of_frame_ : 0;
    parts[count] = {arena_->at(frame.position + skip), frame.length - skip};
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<size_t>(count);
  const ssize_t n = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
  if (n < 0) return WouldBlock("sendmsg");
  auto left = static_cast<size_t>(n);
  for (int i = 0; i < count && left >= parts[i].iov_len; ++i) {
    left -= parts[i].iov_len;
    sent_of_frame_ = 0;
    ++unsent_head_;
  }
  sent_of_frame_ += left;
  return false;
}

size_t Connection::Receive(std::byte* into, size_t room, int flags) {
  const ssize_t n = ::recv(fd(), into, room, flags);
  if (n == 0) Fail("the broker closed a connection");
  if (n > 0) return static_cast<size_t>(n);
  if (errno == EAGAIN || errno == EINTR) return 0;
  FailErrno("recv");
}

size_t Connection::FrameSize(const std::byte* at) {
  const int32_t size = LoadInt32(at);
  if (size < 4) Fail("a response of " + std::to_string(size) + " bytes");
  return static_cast<size_t>(size);
}

}  // namespace millrace::bench
