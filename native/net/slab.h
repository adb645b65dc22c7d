#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/frame_ref.h"

namespace millrace {

class Slab;

// A power-of-two piece of the slab. Any thread may hold references; dropping the last one gives the piece back.
class Block final : public BytesOwner {
 public:
  void Ref() noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept override;

  std::byte* data() const noexcept;
  size_t capacity() const noexcept;
  // Byte position of the block in the slab.
  size_t position() const noexcept;
  // Small integer that names the block across the door.
  uint32_t index() const noexcept;
  // Zero for a block nobody holds; used to refuse stale handles.
  uint32_t references() const noexcept { return references_.load(std::memory_order_relaxed); }
  // For the holder of a reference: nobody else has one, and what others did with the bytes is over.
  bool OnlyReference() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

 private:
  friend class Slab;
  static constexpr uint32_t kNone = UINT32_MAX;
  enum class State : uint8_t { kInner, kFree, kWarm, kUsed };

  Slab* slab_ = nullptr;
  std::atomic<uint32_t> references_{0};
  // Guarded by Slab::mutex_ from here on.
  uint32_t previous_ = kNone;
  uint32_t next_ = kNone;
  uint8_t order_ = 0;
  State state_ = State::kInner;
};

// A counted reference on a block.
class BlockRef {
 public:
  BlockRef() noexcept = default;
  explicit BlockRef(Block* counted) noexcept : block_(counted) {}
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef&& other) noexcept {
    if (this != &other) {
      Reset();
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  BlockRef(const BlockRef&) = delete;
  BlockRef& operator=(const BlockRef&) = delete;
  ~BlockRef() { Reset(); }

  BlockRef Share() const noexcept {
    if (block_ != nullptr) block_->Ref();
    return BlockRef(block_);
  }
  void Reset() noexcept {
    if (block_ != nullptr) std::exchange(block_, nullptr)->Unref();
  }
  Block* get() const noexcept { return block_; }
  Block* operator->() const noexcept { return block_; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

 private:
  Block* block_ = nullptr;
};

// Native memory for received frames: one reserved mapping, cut into power-of-two blocks by a buddy allocator.
//
// Any thread allocates and frees. Recently freed blocks stay warm (up to kWarmBytesMax, last in first out), so
// that the next receive lands in memory that is still in cache; what exceeds that goes back to the system, so
// resident memory stays flat. The mapping is twice the budget: address space is free, and the slack keeps
// large blocks available when small ones are scattered.
//
// One block of the largest size is kept apart as a reserve. Unfinished frames can use up the whole budget, each
// waiting for memory that only its own end would free; whoever gets the reserve can finish, then the next.
class Slab {
 public:
  static constexpr size_t kBlockBytesMin = 16 * 1024;
  static constexpr size_t kWarmBytesMax = 32 * 1024 * 1024;
  // Positions cross the door as 32-bit integers.
  static constexpr size_t kRegionBytesMax = size_t{1} << 31;

  // `budget` bounds the bytes of all blocks in use but the reserve. It is raised so that at least two blocks of
  // `block_bytes_max` fit. Null when the system refuses the mapping (errno says why).
  static std::unique_ptr<Slab> Create(size_t budget, size_t block_bytes_max);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // A block of at least `bytes`, or an empty reference when the slab is used up; in that case the listener
  // given to OnAvailable runs once after the next block came back.
  BlockRef Allocate(size_t bytes);
  // The reserve, of block_bytes_max, or an empty reference while somebody has it; then the listener runs as above.
  // For a frame that can be finished in it and in nothing else.
  BlockRef AllocateReserve();
  // Runs on the thread that frees. Set before threads start.
  void OnAvailable(std::function<void()> listener) { on_available_ = std::move(listener); }

  std::span<std::byte> region() const noexcept { return {base_, region_bytes_}; }
  size_t block_bytes_max() const noexcept { return kBlockBytesMin << order_max_; }
  size_t used_bytes() const;
  // The block with that index if somebody holds it, else null.
  Block* FindUsed(uint32_t index) noexcept;

 private:
  friend class Block;
  static constexpr size_t kOrders = 18;

  Slab(std::byte* base, size_t region_bytes, size_t budget, uint8_t order_max);
  void Free(Block* block);
  Block* Take(uint8_t order);            // Requires mutex_.
  Block* TakeWarm(uint8_t order);        // Requires mutex_.
  void Return(Block* block);             // Requires mutex_; merges with free buddies.
  void ReturnWarm();                     // Requires mutex_.
  void Link(uint8_t order, Block* block);    // Requires mutex_.
  void Unlink(uint8_t order, Block* block);  // Requires mutex_.
  static uint8_t OrderOf(size_t bytes);
  static size_t BytesOf(uint8_t order) { return kBlockBytesMin << order; }

  std::byte* const base_;
  const size_t region_bytes_;
  const size_t budget_;
  const uint8_t order_max_;
  std::vector<Block> blocks_;
  Block* const reserve_;
  std::function<void()> on_available_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::array<uint32_t, kOrders> free_{};
  std::array<std::vector<uint32_t>, kOrders> warm_;
  size_t warm_bytes_ = 0;
  size_t used_bytes_ = 0;  // Without the reserve.
  bool reserve_used_ = false;
  bool wanted_ = false;
};

}  // namespace millrace
