#include "net/slab.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace millrace {

void Block::Unref() noexcept {
  const uint32_t before = references_.fetch_sub(1, std::memory_order_acq_rel);
  assert(before > 0);
  if (before == 1) slab_->Free(this);
}

uint32_t Block::index() const noexcept { return static_cast<uint32_t>(this - slab_->blocks_.data()); }

size_t Block::position() const noexcept { return size_t{index()} * Slab::kBlockBytesMin; }

std::byte* Block::data() const noexcept { return slab_->base_ + position(); }

size_t Block::capacity() const noexcept { return Slab::BytesOf(order_); }

uint8_t Slab::OrderOf(size_t bytes) {
  const size_t units = (std::max<size_t>(bytes, 1) + kBlockBytesMin - 1) / kBlockBytesMin;
  return static_cast<uint8_t>(std::countr_zero(std::bit_ceil(units)));
}

std::unique_ptr<Slab> Slab::Create(size_t budget, size_t block_bytes_max) {
  const uint8_t order_max = OrderOf(block_bytes_max);
  const size_t top = BytesOf(order_max);
  if (order_max >= kOrders || top * 2 > kRegionBytesMax) {
    errno = EINVAL;
    return nullptr;
  }
  budget = std::clamp(budget, top * 2, kRegionBytesMax);
  const size_t region = std::min(kRegionBytesMax, (budget * 2 + top - 1) / top * top + top);
  void* base = ::mmap(nullptr, region, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  return std::unique_ptr<Slab>(new Slab(static_cast<std::byte*>(base), region, budget, order_max));
}

Slab::Slab(std::byte* base, size_t region_bytes, size_t budget, uint8_t order_max)
    : base_(base),
      region_bytes_(region_bytes),
      budget_(budget),
      order_max_(order_max),
      blocks_(region_bytes / kBlockBytesMin),
      reserve_(&blocks_[(region_bytes - BytesOf(order_max)) / kBlockBytesMin]) {
  free_.fill(Block::kNone);
  for (Block& block : blocks_) block.slab_ = this;
  const size_t step = BytesOf(order_max) / kBlockBytesMin;
  // Linked from the end, so that allocation starts at the low addresses.
  for (size_t index = blocks_.size() - step; index >= step; index -= step) Link(order_max, &blocks_[index - step]);
  reserve_->order_ = order_max;
}

Slab::~Slab() { ::munmap(base_, region_bytes_); }

size_t Slab::used_bytes() const {
  std::lock_guard lock(mutex_);
  return used_bytes_ + (reserve_used_ ? block_bytes_max() : 0);
}

Block* Slab::FindUsed(uint32_t index) noexcept {
  if (index >= blocks_.size() || blocks_[index].references() == 0) return nullptr;
  return &blocks_[index];
}

BlockRef Slab::Allocate(size_t bytes) {
  const uint8_t order = OrderOf(bytes);
  assert(order <= order_max_);
  std::lock_guard lock(mutex_);
  Block* block = nullptr;
  if (used_bytes_ + BytesOf(order) <= budget_) {
    block = TakeWarm(order);
    if (block == nullptr) block = Take(order);
    if (block == nullptr && warm_bytes_ > 0) {
      ReturnWarm();
      block = Take(order);
    }
  }
  if (block == nullptr) {
    wanted_ = true;
    return BlockRef();
  }
  used_bytes_ += BytesOf(order);
  block->state_ = Block::State::kUsed;
  block->order_ = order;
  block->references_.store(1, std::memory_order_relaxed);
  return BlockRef(block);
}

BlockRef Slab::AllocateReserve() {
  std::lock_guard lock(mutex_);
  if (reserve_used_) {
    wanted_ = true;
    return BlockRef();
  }
  reserve_used_ = true;
  reserve_->references_.store(1, std::memory_order_relaxed);
  return BlockRef(reserve_);
}

void Slab::Free(Block* block) {
  const size_t bytes = BytesOf(block->order_);
  std::unique_lock lock(mutex_);
  if (block != reserve_ && warm_bytes_ + bytes <= kWarmBytesMax) {
    block->state_ = Block::State::kWarm;
    warm_[block->order_].push_back(block->index());
    warm_bytes_ += bytes;
    used_bytes_ -= bytes;
  } else {
    // Outside the lock: the block is still ours alone, and the call walks page tables.
    lock.unlock();
    ::madvise(block->data(), bytes, MADV_DONTNEED);
    lock.lock();
    if (block == reserve_) {
      reserve_used_ = false;
    } else {
      Return(block);
      used_bytes_ -= bytes;
    }
  }
  const bool wake = std::exchange(wanted_, false);
  lock.unlock();
  if (wake && on_available_) on_available_();
}

Block* Slab::TakeWarm(uint8_t order) {
  auto& stack = warm_[order];
  if (stack.empty()) return nullptr;
  Block* block = &blocks_[stack.back()];
  stack.pop_back();
  warm_bytes_ -= BytesOf(order);
  return block;
}

Block* Slab::Take(uint8_t order) {
  uint8_t from = order;
  while (from <= order_max_ && free_[from] == Block::kNone) from++;
  if (from > order_max_) return nullptr;
  Block* block = &blocks_[free_[from]];
  Unlink(from, block);
  while (from > order) {
    from--;
    Link(from, block + BytesOf(from) / kBlockBytesMin);
  }
  return block;
}

void Slab::ReturnWarm() {
  for (auto& stack : warm_) {
    for (uint32_t index : stack) Return(&blocks_[index]);
    stack.clear();
  }
  warm_bytes_ = 0;
}

void Slab::Return(Block* block) {
  uint8_t order = block->order_;
  uint32_t index = block->index();
  while (order < order_max_) {
    const uint32_t buddy = index ^ static_cast<uint32_t>(BytesOf(order) / kBlockBytesMin);
    Block& other = blocks_[buddy];
    if (other.state_ != Block::State::kFree || other.order_ != order) break;
    Unlink(order, &other);
    blocks_[std::max(index, buddy)].state_ = Block::State::kInner;
    index = std::min(index, buddy);
    order++;
  }
  Link(order, &blocks_[index]);
}

void Slab::Link(uint8_t order, Block* block) {
  block->state_ = Block::State::kFree;
  block->order_ = order;
  block->previous_ = Block::kNone;
  block->next_ = free_[order];
  if (block->next_ != Block::kNone) blocks_[block->next_].previous_ = block->index();
  free_[order] = block->index();
}

void Slab::Unlink(uint8_t order, Block* block) {
  block->state_ = Block::State::kInner;
  if (block->previous_ != Block::kNone) blocks_[block->previous_].next_ = block->next_;
  if (block->next_ != Block::kNone) blocks_[block->next_].previous_ = block->previous_;
  if (free_[order] == block->index()) free_[order] = block->next_;
}

}  // namespace millrace
