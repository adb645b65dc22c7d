#include "log/batch_cursor.h"

#include <algorithm>
#include <cerrno>

namespace millrace {

Result<std::optional<BatchCursor::Batch>> BatchCursor::Next() {
  if (position_ >= limit_) return std::optional<Batch>();
  const int64_t visible_end = std::min(limit_, position_ + static_cast<int64_t>(kBatchHeaderSize));
  if (position_ < window_start_ || visible_end > window_start_ + static_cast<int64_t>(window_length_)) {
    Status filled = Fill();
    if (!filled.ok()) return filled;
  }
  const auto at = static_cast<size_t>(position_ - window_start_);
  const std::span<const std::byte> seen(window_.data() + at, window_length_ - at);
  const std::optional<BatchExtent> extent = ParseBatchExtent(seen);
  if (!extent || extent->size > limit_ - position_) return Status("read batch", EILSEQ, file_.name());
  Batch batch{*extent, position_, seen.first(std::min(seen.size(), kBatchHeaderSize))};
  position_ += extent->size;
  last_size_ = extent->size;
  return std::optional<Batch>(batch);
}

Status BatchCursor::Fill() {
  if (descriptor_ == nullptr) {
    auto acquired = file_.Acquire();
    if (!acquired.ok()) return acquired.status();
    descriptor_ = std::move(acquired).value();
  } else {
    // Where a larger window would hold several batches, one call looks at them together.
    wanted_ = last_size_ <= static_cast<int64_t>(kWindowMax / 2) ? kWindowMax : kWindowMin;
  }
  const auto length = static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(wanted_), limit_ - position_));
  auto read = file_system_.Pread(descriptor_->get(), std::span(window_).first(length), position_, file_.name());
  if (!read.ok()) return read.status();
  window_start_ = position_;
  window_length_ = read.value();
  return Status::Ok();
}

}  // namespace millrace
