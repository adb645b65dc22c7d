#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "log/cleaner/key_hash.h"

namespace millrace {

// The newest offset of each key, by the key's 128-bit hash: 24 bytes per slot, whatever the key's size. It grows by
// doubling as keys come, so a small log costs little, and never past what it was given. Cleaner thread.
class OffsetMap {
 public:
  static constexpr size_t kSlotBytes = 24;

  // `bytes_max` bounds the table; `load_factor` of its slots may be taken.
  OffsetMap(int64_t bytes_max, double load_factor);

  // False when the key is new and there is no room for it. Offsets of one key come in ascending order.
  [[nodiscard]] bool Put(std::span<const std::byte> key, int64_t offset);
  // -1 for a key that was not put.
  int64_t Get(std::span<const std::byte> key) const;

  size_t size() const { return size_; }
  size_t size_max() const { return size_max_; }

 private:
  struct Slot {
    KeyHash hash;
    int64_t offset_and_one;  // 0 marks a free slot.
  };
  static_assert(sizeof(Slot) == kSlotBytes);

  // Where the key is or would be put.
  size_t Find(const KeyHash& hash) const;
  void Grow();

  const KeyHasher hasher_;
  const size_t slots_max_;
  const double load_factor_;
  const size_t size_max_;
  size_t slots_count_;
  size_t grow_at_;
  size_t size_ = 0;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace millrace
