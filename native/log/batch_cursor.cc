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
  if (!extent || extent->size > limit_ - position_) return Status("read batch", EILSEQ, file_.path());
  Batch batch{*extent, position_, seen.first(std::min(seen.size(), kBatchHeaderSize))};
  position_ += extent->size;
  return std::optional<Batch>(batch);
}

Status BatchCursor::Fill() {
  if (descriptor_ == nullptr) {
    auto acquired = file_.Acquire();
    if (!acquired.ok()) return acquired.status();
    descriptor_ = std::move(acquired).value();
  } else {
    // The last window held a whole batch and more: batches are small here, look at more of them per call.
    const bool small = position_ <= window_start_ + static_cast<int64_t>(window_length_);
    wanted_ = small ? kWindowMax : kWindowMin;
  }
  const auto length = static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(wanted_), limit_ - position_));
  auto read = file_system_.Pread(descriptor_->get(), std::span(window_).first(length), position_, file_.path());
  if (!read.ok()) return read.status();
  window_start_ = position_;
  window_length_ = read.value();
  return Status::Ok();
}

}  // namespace millrace
