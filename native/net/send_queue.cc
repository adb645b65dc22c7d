#include "net/send_queue.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

#include "io/page_cache.h"
#include "net/socket.h"

namespace millrace {

void SendQueue::Append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  bytes_ += bytes.size();
  if (head_ < parts_.size()) {
    Part& last = parts_.back();
    if (!last.is_slice() && last.data.size() + bytes.size() <= kCoalesceBytesMax) {
      last.data.insert(last.data.end(), bytes.begin(), bytes.end());
      return;
    }
  }
  Part& part = parts_.emplace_back();
  part.data = std::move(spare_);
  spare_ = {};
  part.data.assign(bytes.begin(), bytes.end());
}

void SendQueue::Append(FileSlice slice) {
  if (slice.length <= 0) return;
  bytes_ += static_cast<size_t>(slice.length);
  parts_.emplace_back().slice = std::move(slice);
}

SendQueue::Outcome SendQueue::Flush(int socket, GatherBuffer& gather) {
  size_t sent = 0;
  while (head_ < parts_.size()) {
    const Outcome outcome =
        IsLargeSlice(parts_[head_]) ? SendSlice(socket, sent) : SendGathered(socket, gather, sent);
    if (outcome != Outcome::kEmpty) return outcome;
    if (sent >= kTurnBytesMax && head_ < parts_.size()) return Outcome::kYield;
  }
  Recycle();
  return Outcome::kEmpty;
}

// kEmpty here means: the step went through, go on.
SendQueue::Outcome SendQueue::SendGathered(int socket, GatherBuffer& gather, size_t& sent) {
  std::array<iovec, 64> vectors;
  size_t count = 0;
  size_t gathered = 0;
  size_t wanted = 0;
  size_t index = head_;
  bool cold = false;
  int64_t warm = warm_bytes_;
  for (; index < parts_.size() && count < vectors.size() && !IsLargeSlice(parts_[index]); index++) {
    Part& part = parts_[index];
    size_t length = part.left();
    if (!part.is_slice()) {
      vectors[count++] = {part.data.data() + part.sent, length};
      wanted += length;
      continue;
    }
    if (gathered + length > GatherBuffer::kBytes) break;
    const auto into = gather.bytes().subspan(gathered, length);
    size_t read = 0;
    while (read < length) {
      const auto rest = into.subspan(read);
      const int64_t position = part.slice.position + static_cast<int64_t>(read);
      const Moved moved =
          warm > 0 ? ReadSome(part.slice.fd, rest, position) : ReadCached(part.slice.fd, rest, position);
      if (moved.WouldBlock()) break;
      if (moved.error != 0) return Fail(moved.error);
      // The log promised these bytes; without them the reply cannot be completed.
      if (moved.bytes == 0) return Fail(EIO);
      read += moved.bytes;
    }
    warm -= static_cast<int64_t>(read);
    if (read > 0) vectors[count++] = {into.data(), read};
    gathered += read;
    wanted += read;
    if (read < length) {
      cold = true;
      break;
    }
  }
  if (count == 0) {
    assert(cold);
    cold_ = parts_[head_].slice;
    return Outcome::kCold;
  }
  const bool more = index < parts_.size();
  const Moved moved = SendSome(socket, {vectors.data(), count}, more && !cold);
  if (moved.WouldBlock()) return Outcome::kBlocked;
  if (moved.error != 0) return Fail(moved.error);
  sent += moved.bytes;
  Consume(moved.bytes);
  return moved.bytes < wanted ? Outcome::kBlocked : Outcome::kEmpty;
}

SendQueue::Outcome SendQueue::SendSlice(int socket, size_t& sent) {
  FileSlice& slice = parts_[head_].slice;
  const size_t length = std::min(static_cast<size_t>(slice.length), kSendFileBytesMax);
  if (warm_bytes_ < static_cast<int64_t>(length) &&
      !IsCached(slice.fd, slice.position, static_cast<int64_t>(length))) {
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

void SendQueue::Consume(size_t bytes) {
  bytes_ -= bytes;
  while (bytes > 0) {
    Part& part = parts_[head_];
    const size_t step = std::min(bytes, part.left());
    if (part.is_slice()) {
      part.slice.position += static_cast<int64_t>(step);
      part.slice.length -= static_cast<int64_t>(step);
      warm_bytes_ = std::max<int64_t>(0, warm_bytes_ - static_cast<int64_t>(step));
    } else {
      part.sent += step;
    }
    bytes -= step;
    if (part.left() > 0) continue;
    // Drops the file now, not when the queue is empty: the segment may be waiting to be deleted.
    part.slice = FileSlice();
    if (head_ + 1 < parts_.size()) std::vector<std::byte>().swap(part.data);
    head_++;
  }
}

// Keeps one small buffer for the next replies, so that steady traffic allocates nothing and an idle connection
// holds next to nothing.
void SendQueue::Recycle() {
  head_ = 0;
  cold_ = FileSlice();
  if (!parts_.empty() && parts_.back().data.capacity() <= kBytesKept) {
    spare_ = std::move(parts_.back().data);
    spare_.clear();
  }
  if (parts_.capacity() > kPartsKept) {
    std::vector<Part>().swap(parts_);
    return;
  }
  parts_.clear();
}

}  // namespace millrace
