#include "io/recent_bytes.h"

#include <algorithm>

namespace millrace {

int64_t RecentBytes::Keep(std::span<const std::byte> bytes) {
  if (bytes.size() > std::min(kBatchBytesMax, capacity_)) return kNowhere;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return kNowhere;
  const size_t at = static_cast<size_t>(end_) % capacity_;
  const size_t before_wrap = std::min(bytes.size(), capacity_ - at);
  std::ranges::copy(bytes.first(before_wrap), bytes_.get() + at);
  std::ranges::copy(bytes.subspan(before_wrap), bytes_.get());
  const int64_t place = end_;
  end_ += static_cast<int64_t>(bytes.size());
  return place;
}

bool RecentBytes::Read(int64_t place, std::span<std::byte> into) const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return false;
  const int64_t oldest = end_ - static_cast<int64_t>(capacity_);
  if (place < 0 || place < oldest || place > end_ - static_cast<int64_t>(into.size())) return false;
  const size_t at = static_cast<size_t>(place) % capacity_;
  const size_t before_wrap = std::min(into.size(), capacity_ - at);
  std::copy_n(bytes_.get() + at, before_wrap, into.begin());
  std::copy_n(bytes_.get(), into.size() - before_wrap, into.begin() + static_cast<ptrdiff_t>(before_wrap));
  return true;
}

}  // namespace millrace
