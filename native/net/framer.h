#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/slab.h"

namespace millrace {

// The block a reactor receives into for all connections that have no unfinished frame. Reactor thread.
class ReceiveChunk {
 public:
  static constexpr size_t kChunkBytes = 256 * 1024;
  // Below this room a new chunk is taken: one large receive is cheaper than the unused tail, which is only
  // address space as long as nothing was written there.
  static constexpr size_t kRoomBytesMin = 128 * 1024;

  explicit ReceiveChunk(Slab& slab) : slab_(slab) {}

  // Free bytes of the chunk; empty when the slab is used up.
  std::span<std::byte> Room();
  // The first `bytes` of Room() were filled.
  void Advance(size_t bytes) { used_ += bytes; }
  const BlockRef& block() const { return block_; }
  size_t used() const { return used_; }
  Slab& slab() { return slab_; }

 private:
  Slab& slab_;
  BlockRef block_;
  size_t used_ = 0;
};

// Cuts the byte stream of one connection into frames: int32 size, then that many bytes. Reactor thread.
//
// An idle connection holds no memory. Bytes arrive in the reactor's chunk; frames that lie whole in it are
// handed out in place. What remains of an unfinished frame moves to a block of its own, which grows with the
// bytes that really arrived: a size prefix alone reserves next to nothing. When the slab is used up one framer at
// a time goes on in its reserve, which is large enough for any frame and given back with it.
class Framer {
 public:
  static constexpr size_t kPrefixBytes = 4;
  // api key, api version, correlation id: no request is shorter.
  static constexpr size_t kFrameBytesMin = 8;
  static constexpr size_t kReceiveBytesMax = 1024 * 1024;
  // Unfinished frames from this size on get a block with room for whole receives of the frames behind them.
  static constexpr size_t kStreamFrameBytes = 32 * 1024;

  // The largest block framers ask a slab for.
  static size_t BlockBytesMax(size_t frame_bytes_max) {
    return std::max(frame_bytes_max + kPrefixBytes, ReceiveChunk::kChunkBytes);
  }

  enum class Step { kFrame, kMore, kBadSize };
  struct Frame {
    Block* block;     // Borrowed: take a reference before the next call on the framer.
    size_t offset;    // In the block.
    size_t length;
  };

  Framer(ReceiveChunk& chunk, size_t frame_bytes_max) : chunk_(chunk), frame_bytes_max_(frame_bytes_max) {}

  // Where the next receive writes; empty when the slab is used up.
  std::span<std::byte> Room();
  // `bytes` of Room() were filled.
  void Received(size_t bytes);
  // The next whole frame. After kBadSize the framer is of no more use.
  Step Next(Frame& frame);
  // After kMore: moves an unfinished frame out of the shared chunk. False when the slab is used up; Room tries
  // again.
  bool Settle();
  // Received bytes that are not yet handed out.
  size_t pending() const { return end_ - begin_; }

 private:
  // Nothing is unfinished, so no block is needed.
  void LetGo();
  // Bytes of the unfinished frame with prefix, as far as known.
  size_t Wanted() const;
  size_t BlockBytesFor(size_t wanted) const;
  int64_t Prefix() const;

  ReceiveChunk& chunk_;
  const size_t frame_bytes_max_;
  BlockRef block_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool own_ = false;
  bool reserve_ = false;
  bool filled_room_ = false;
};

}  // namespace millrace
