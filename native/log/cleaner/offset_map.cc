#include "log/cleaner/offset_map.h"

#include <algorithm>
#include <utility>

namespace millrace {
namespace {

constexpr size_t kSlotsMin = 1024;

size_t Share(size_t slots, double load_factor) {
  const auto taken = static_cast<size_t>(static_cast<double>(slots) * load_factor);
  // One free slot ends every probe.
  return std::clamp<size_t>(taken, 1, slots - 1);
}

}  // namespace

OffsetMap::OffsetMap(int64_t bytes_max, double load_factor)
    : slots_max_(std::max<size_t>(static_cast<size_t>(std::max<int64_t>(bytes_max, 0)) / kSlotBytes, 2)),
      load_factor_(load_factor),
      size_max_(Share(slots_max_, load_factor)),
      slots_count_(std::min(kSlotsMin, slots_max_)),
      grow_at_(Share(slots_count_, load_factor)),
      slots_(std::make_unique<Slot[]>(slots_count_)) {}

bool OffsetMap::Put(std::span<const std::byte> key, int64_t offset) {
  const KeyHash hash = hasher_.Hash(key);
  size_t at = Find(hash);
  if (slots_[at].offset_and_one == 0) {
    if (size_ >= size_max_) return false;
    if (size_ >= grow_at_) {
      Grow();
      at = Find(hash);
    }
    ++size_;
  }
  slots_[at] = {hash, offset + 1};
  return true;
}

int64_t OffsetMap::Get(std::span<const std::byte> key) const {
  return slots_[Find(hasher_.Hash(key))].offset_and_one - 1;
}

size_t OffsetMap::Find(const KeyHash& hash) const {
  // The high half, scaled to the table: it need not be a power of two, and growing keeps neighbours together.
  auto at = static_cast<size_t>((static_cast<unsigned __int128>(hash.high) * slots_count_) >> 64);
  while (slots_[at].offset_and_one != 0 && slots_[at].hash != hash) {
    if (++at == slots_count_) at = 0;
  }
  return at;
}

void OffsetMap::Grow() {
  const size_t old_count = slots_count_;
  const std::unique_ptr<Slot[]> old = std::move(slots_);
  slots_count_ = std::min(old_count * 2, slots_max_);
  grow_at_ = slots_count_ == slots_max_ ? size_max_ : Share(slots_count_, load_factor_);
  slots_ = std::make_unique<Slot[]>(slots_count_);
  for (size_t i = 0; i < old_count; ++i) {
    if (old[i].offset_and_one != 0) slots_[Find(old[i].hash)] = old[i];
  }
}

}  // namespace millrace
