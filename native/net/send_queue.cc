#include "net/send_queue.h"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "io/page_cache.h"
#include "net/socket.h"

namespace millrace {

static_assert(RecentBytes::kRangeBytesMax == SendQueue::kSendFileBytesMin);

void SendQueue::Append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  MakeRoom(bytes.size());
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  unsent_ += bytes.size();
}

void SendQueue::Append(FileSlice slice) {
  if (slice.length <= 0) return;
  unsent_ += static_cast<size_t>(slice.length);
  slices_.push_back({bytes_.size(), std::move(slice)});
}

SendQueue::Outcome SendQueue::Flush(int socket, GatherBuffer& gather) {
  size_t sent = 0;
  Outcome outcome = Outcome::kEmpty;
  while (!empty() && outcome == Outcome::kEmpty) {
    if (sent >= kTurnBytesMax) return Outcome::kYield;
    outcome = AtLargeSlice() ? SendSlice(socket, sent) : SendBytes(socket, gather, sent);
  }
  if (outcome == Outcome::kEmpty) Recycle();
  return outcome;
}

// kEmpty here means: the step went through, go on.
SendQueue::Outcome SendQueue::SendBytes(int socket, GatherBuffer& gather, size_t& sent) {
  const Gathered next = Gather(gather);
  if (next.error != 0) return Fail(next.error);
  if (next.bytes.empty()) {
    assert(next.cold);
    cold_ = slices_[head_].slice;
    return Outcome::kCold;
  }
  const iovec part{const_cast<std::byte*>(next.bytes.data()), next.bytes.size()};
  const bool more = next.bytes.size() < unsent_ && !next.cold;
  const Moved moved = SendSome(socket, {&part, 1}, more);
  if (moved.WouldBlock()) return Outcome::kBlocked;
  if (moved.error != 0) return Fail(moved.error);
  sent += moved.bytes;
  Consume(moved.bytes);
  return moved.bytes < next.bytes.size() ? Outcome::kBlocked : Outcome::kEmpty;
}

SendQueue::Gathered SendQueue::Gather(GatherBuffer& gather) const {
  const auto until = [&](size_t i) { return i < slices_.size() ? slices_[i].at : bytes_.size(); };
  const auto small = [&](size_t i) { return i < slices_.size() && !slices_[i].large(); };
  if (!small(head_)) return {std::span(bytes_).subspan(sent_, until(head_) - sent_)};
  const std::span<std::byte> room = gather.bytes();
  size_t used = 0;
  size_t at = sent_;
  int64_t warm = warm_bytes_;
  for (size_t i = head_;; ++i) {
    const size_t run = std::min(until(i) - at, room.size() - used);
    std::ranges::copy(std::span(bytes_).subspan(at, run), room.begin() + static_cast<ptrdiff_t>(used));
    used += run;
    at += run;
    if (at < until(i) || !small(i)) break;
    const FileSlice& slice = slices_[i].slice;
    const auto length = static_cast<size_t>(slice.length);
    if (length > room.size() - used) break;
    size_t read = gather.Recall(slice, room.subspan(used, length)) ? length : 0;
    while (read < length) {
      const auto rest = room.subspan(used + read, length - read);
      const int64_t position = slice.position + static_cast<int64_t>(read);
      const Moved moved = warm > 0 ? ReadSome(slice.fd, rest, position) : ReadCached(slice.fd, rest, position);
      if (moved.WouldBlock()) return {room.first(used + read), true};
      if (moved.error != 0) return {{}, false, moved.error};
      // The log promised these bytes; without them the reply cannot be completed.
      if (moved.bytes == 0) return {{}, false, EIO};
      read += moved.bytes;
    }
    used += length;
    warm -= slice.length;
  }
  return {room.first(used)};
}

SendQueue::Outcome SendQueue::SendSlice(int socket, size_t& sent) {
  const FileSlice& slice = slices_[head_].slice;
  const size_t length = std::min(static_cast<size_t>(slice.length), kSendFileBytesMax);
  if (!Warm(slice, static_cast<int64_t>(length))) {
    cold_ = slice;
    cold_.length = static_cast<int64_t>(length);
    return Outcome::kCold;
  }
  const Moved moved = SendFileSome(socket, slice.fd, slice.position, length);
  if (moved.WouldBlock()) return Outcome::kBlocked;
  if (moved.error != 0) return Fail(moved.error);
  if (moved.bytes == 0) return Fail(EIO);
  sent += moved.bytes;
  Consume(moved.bytes);
  return Outcome::kEmpty;
}

bool SendQueue::Warm(const FileSlice& slice, int64_t length) const {
  if (warm_bytes_ >= length) return true;
  return wary_bytes_ > 0 ? IsFilled(slice.fd, slice.position, length) : IsCached(slice.fd, slice.position, length);
}

void SendQueue::Consume(size_t bytes) {
  unsent_ -= bytes;
  for (;;) {
    const size_t until = head_ < slices_.size() ? slices_[head_].at : bytes_.size();
    const size_t run = std::min(bytes, until - sent_);
    sent_ += run;
    bytes -= run;
    if (bytes == 0) return;
    FileSlice& slice = slices_[head_].slice;
    const auto step = std::min(static_cast<int64_t>(bytes), slice.length);
    slice.position += step;
    if (slice.recent >= 0) slice.recent += step;
    slice.length -= step;
    warm_bytes_ = std::max<int64_t>(0, warm_bytes_ - step);
    wary_bytes_ = std::max<int64_t>(0, wary_bytes_ - step);
    bytes -= static_cast<size_t>(step);
    if (slice.length > 0) return;
    // Drops the file now, not when the queue is empty: the segment may be waiting to be deleted.
    slice = FileSlice();
    head_++;
  }
}

// Before a buffer has to grow, what was sent makes room.
void SendQueue::MakeRoom(size_t bytes) {
  if (bytes_.capacity() - bytes_.size() >= bytes || sent_ < bytes_.size() / 2) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(sent_));
  slices_.erase(slices_.begin(), slices_.begin() + static_cast<ptrdiff_t>(head_));
  for (Insertion& insertion : slices_) insertion.at -= sent_;
  sent_ = head_ = 0;
}

// Keeps a little memory for the next replies, so that steady traffic allocates nothing and an idle connection holds
// next to nothing.
void SendQueue::Recycle() {
  if (bytes_.capacity() > kBytesKept) std::vector<std::byte>().swap(bytes_);
  if (slices_.capacity() > kSlicesKept) std::vector<Insertion>().swap(slices_);
  bytes_.clear();
  slices_.clear();
  sent_ = head_ = 0;
  cold_ = FileSlice();
}

}  // namespace millrace
