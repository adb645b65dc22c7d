#include "log/cleaner/segment_reader.h"

#include <algorithm>
#include <cerrno>

namespace millrace {

SegmentReader::SegmentReader(FileSystem& file_system, const SegmentFile& file, int64_t position, int64_t limit,
                             int64_t chunk_bytes)
    : file_system_(file_system),
      file_(file),
      position_(position),
      limit_(limit),
      chunk_bytes_(static_cast<size_t>(std::max<int64_t>(chunk_bytes, kBatchHeaderSize))) {}

Result<std::span<const BatchView>> SegmentReader::Next() {
  batches_.clear();
  if (position_ >= limit_) return std::span<const BatchView>();
  if (descriptor_ == nullptr) {
    auto acquired = file_.Acquire();
    if (!acquired.ok()) return acquired.status();
    descriptor_ = std::move(acquired).value();
  }
  auto filled = Fill(chunk_bytes_);
  if (!filled.ok()) return filled.status();
  if (Status parsed = Parse(filled.value()); !parsed.ok()) return parsed;
  if (batches_.empty()) {
    // The chunk ends within its first batch, whose size is known by now.
    const auto extent = ParseBatchExtent(std::span(buffer_).first(filled.value()));
    if (!extent || extent->size > limit_ - position_) return Status("read batch", EILSEQ, file_.name());
    filled = Fill(static_cast<size_t>(extent->size));
    if (!filled.ok()) return filled.status();
    if (Status parsed = Parse(filled.value()); !parsed.ok()) return parsed;
    if (batches_.empty()) return Status("read batch", EILSEQ, file_.name());
  }
  for (const BatchView& batch : batches_) position_ += batch.header.size;
  return std::span<const BatchView>(batches_);
}

Result<size_t> SegmentReader::Fill(size_t wanted) {
  wanted = static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(wanted), limit_ - position_));
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  return file_system_.Pread(descriptor_->get(), std::span(buffer_).first(wanted), position_, file_.name());
}

Status SegmentReader::Parse(size_t filled) {
  std::span<const std::byte> rest = std::span<const std::byte>(buffer_).first(filled);
  while (!rest.empty()) {
    const auto extent = ParseBatchExtent(rest);
    if (!extent) {
      // Too few bytes to tell are no damage unless they are the first of a full chunk.
      const bool cut = rest.size() < kBatchHeaderSize && rest.size() < filled;
      return cut ? Status::Ok() : Status("read batch", EILSEQ, file_.name());
    }
    if (extent->magic != kMagic) return Status("clean format before magic 2", ENOTSUP, file_.name());
    if (extent->size > static_cast<int64_t>(rest.size())) return Status::Ok();
    const auto bytes = rest.first(static_cast<size_t>(extent->size));
    const auto header = ParseBatchHeader(bytes);
    if (!header || !ChecksumMatches(bytes)) return Status("check batch", EILSEQ, file_.name());
    batches_.push_back({*header, bytes});
    rest = rest.subspan(bytes.size());
  }
  return Status::Ok();
}

}  // namespace millrace
