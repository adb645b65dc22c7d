#include "net/framer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace millrace {

std::span<std::byte> ReceiveChunk::Room() {
  if (!block_ || kChunkBytes - used_ < kRoomBytesMin) {
    BlockRef fresh = slab_.Allocate(kChunkBytes);
    if (!fresh) return {};
    block_ = std::move(fresh);
    used_ = 0;
  }
  return {block_->data() + used_, kChunkBytes - used_};
}

std::span<std::byte> Framer::Room() {
  if (pending() == 0) {
    LetGo();
    return chunk_.Room();
  }
  if (!Settle()) return {};
  // Bytes of the next frame would keep the reserve from the others.
  const size_t room = reserve_ ? Wanted() - pending() : block_->capacity() - end_;
  return {block_->data() + end_, std::min(room, kReceiveBytesMax)};
}

void Framer::Received(size_t bytes) {
  if (!own_) {
    assert(pending() == 0);
    block_ = chunk_.block().Share();
    begin_ = chunk_.used();
    end_ = begin_ + bytes;
    chunk_.Advance(bytes);
    filled_room_ = chunk_.used() == ReceiveChunk::kChunkBytes;
    return;
  }
  end_ += bytes;
  filled_room_ = end_ == block_->capacity();
}

void Framer::LetGo() {
  block_.Reset();
  own_ = reserve_ = false;
  begin_ = end_ = 0;
}

int64_t Framer::Prefix() const {
  uint32_t raw;
  std::memcpy(&raw, block_->data() + begin_, sizeof raw);
  if constexpr (std::endian::native == std::endian::little) raw = __builtin_bswap32(raw);
  return static_cast<int32_t>(raw);
}

Framer::Step Framer::Next(Frame& frame) {
  if (pending() < kPrefixBytes) return Step::kMore;
  const int64_t size = Prefix();
  if (size < static_cast<int64_t>(kFrameBytesMin) || size > static_cast<int64_t>(frame_bytes_max_)) {
    return Step::kBadSize;
  }
  const size_t length = static_cast<size_t>(size);
  if (pending() < kPrefixBytes + length) return Step::kMore;
  frame = {block_.get(), begin_ + kPrefixBytes, length};
  begin_ += kPrefixBytes + length;
  return Step::kFrame;
}

size_t Framer::Wanted() const {
  if (pending() < kPrefixBytes) return kPrefixBytes;
  return kPrefixBytes + static_cast<size_t>(Prefix());
}

size_t Framer::BlockBytesFor(size_t wanted) const {
  if (wanted <= ReceiveChunk::kChunkBytes) {
    const bool stream = filled_room_ || wanted >= kStreamFrameBytes;
    return stream ? ReceiveChunk::kChunkBytes : std::max(wanted, Slab::kBlockBytesMin);
  }
  // At least one megabyte, then four times what arrived: copying stays a third of the frame at most, and
  // a sender can occupy only four times what it sent.
  return std::min(wanted, std::max<size_t>(1024 * 1024, pending() * 4));
}

bool Framer::Settle() {
  if (pending() == 0) {
    LetGo();
    return true;
  }
  const size_t wanted = Wanted();
  if (own_ && end_ < block_->capacity()) {
    // The frame fits, or the block is not yet full of it.
    if (begin_ + wanted <= block_->capacity() || begin_ == 0) return true;
  }
  if (own_ && begin_ > 0 && wanted <= block_->capacity() && block_->OnlyReference()) {
    std::memmove(block_->data(), block_->data() + begin_, pending());
    end_ -= begin_;
    begin_ = 0;
    return true;
  }
  Slab& slab = chunk_.slab();
  BlockRef larger = slab.Allocate(std::max(BlockBytesFor(wanted), pending() + 1));
  const bool reserve = !larger;
  if (reserve) larger = slab.AllocateReserve();
  if (!larger) return false;
  std::memcpy(larger->data(), block_->data() + begin_, pending());
  end_ = pending();
  begin_ = 0;
  block_ = std::move(larger);
  own_ = true;
  reserve_ = reserve;
  return true;
}

}  // namespace millrace
