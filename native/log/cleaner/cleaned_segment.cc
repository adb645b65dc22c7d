#include "log/cleaner/cleaned_segment.h"

#include <fcntl.h>
#include <limits.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/byte_order.h"
#include "log/cleaner/batch_rewriter.h"

namespace millrace {
namespace {

constexpr const char* kCleaned = ".cleaned";
// `.txnindex`: int16 version, then producer id, first offset, last offset, last stable offset.
constexpr size_t kAbortedBytes = 34;

}  // namespace

CleanedSegment::CleanedSegment(LogContext& context, const std::string& directory, int64_t base_offset,
                               const LogOptions& options, const Cancellation& cancelled)
    : context_(context),
      directory_(directory),
      options_(options),
      cancelled_(cancelled),
      segment_(std::make_shared<Segment>(context, directory, base_offset, 0, kCleaned)) {}

CleanedSegment::~CleanedSegment() {
  if (segment_ == nullptr) return;
  // Files that keep their `.swap` names while others of the segment go would be taken for a finished one.
  if (segment_->swapping() && segment_->Resuffix(context_.file_system, kCleaned).ok()) {
    (void)context_.file_system.SyncDirectory(directory_);
  }
  segment_->Unlink(context_.file_system);
}

Status CleanedSegment::Create() {
  segment_->Unlink(context_.file_system);
  return segment_->Create(context_);
}

void CleanedSegment::AddWhole(const BatchView& batch) { pending_.push_back({batch.bytes, {}, batch.header, nullptr}); }

void CleanedSegment::AddBatch(ByteVector batch) {
  Pending pending;
  pending.owned = std::move(batch);
  pending.bytes = pending.owned;
  pending_.push_back(std::move(pending));
}

void CleanedSegment::AddCompressing(const BatchHeader& header, std::shared_ptr<TranscodeJob> records) {
  if (++compressing_ > kCompressingMax) {
    const auto oldest =
        std::find_if(pending_.begin(), pending_.end(), [](const Pending& p) { return p.records != nullptr; });
    if (Status settled = Settle(*oldest); !settled.ok() && failure_.ok()) failure_ = std::move(settled);
  }
  pending_.push_back({{}, {}, header, std::move(records)});
}

Status CleanedSegment::Settle(Pending& pending) {
  const auto job = std::exchange(pending.records, nullptr);
  --compressing_;
  auto compressed = job->Wait(cancelled_);
  if (!compressed.ok()) return compressed.status();
  pending.owned = AssembleBatch(pending.header, compressed.value());
  pending.bytes = pending.owned;
  return Status::Ok();
}

Status CleanedSegment::Flush() {
  for (Pending& pending : pending_) {
    if (pending.records == nullptr) continue;
    if (Status settled = Settle(pending); !settled.ok() && failure_.ok()) failure_ = std::move(settled);
  }
  if (!failure_.ok()) return failure_;
  if (pending_.empty()) return Status::Ok();
  std::vector<iovec> parts;
  int64_t bytes = 0;
  for (const Pending& pending : pending_) {
    bytes += static_cast<int64_t>(pending.bytes.size());
    auto* at = const_cast<std::byte*>(pending.bytes.data());
    // Neighbours that stay as they are leave as one.
    if (!parts.empty() && static_cast<std::byte*>(parts.back().iov_base) + parts.back().iov_len == at) {
      parts.back().iov_len += pending.bytes.size();
    } else {
      parts.push_back({at, pending.bytes.size()});
    }
  }
  // Positions are int32 in the offset index; only compression gone worse makes a segment grow.
  if (position_ + bytes > INT32_MAX) return Status("clean", EFBIG, segment_->file->name());
  if (Status prepared = segment_->PrepareIndexes(options_, bytes); !prepared.ok()) return prepared;
  const auto descriptor = segment_->file->Acquire();
  if (!descriptor.ok()) return descriptor.status();
  Status written =
      context_.file_system.Pwritev(descriptor.value()->get(), parts, position_, segment_->file->name());
  if (!written.ok()) return written;
  for (const Pending& pending : pending_) {
    const auto extent = ParseBatchExtent(pending.bytes);
    if (!extent || extent->last_offset - segment_->base_offset() > INT32_MAX) {
      return Status("clean", EOVERFLOW, segment_->file->name());
    }
    Status indexed = segment_->Index(*extent, position_, options_.index_interval_bytes);
    if (!indexed.ok()) return indexed;
    position_ += extent->size;
  }
  pending_.clear();
  return Status::Ok();
}

Status CleanedSegment::Finish(std::span<const AbortedSpan> aborted, int64_t modified_ms) {
  FileSystem& files = context_.file_system;
  SegmentFile& file = *segment_->file;
  if (Status sealed = segment_->SealIndexes(); !sealed.ok()) return sealed;
  const auto descriptor = file.Acquire();
  if (!descriptor.ok()) return descriptor.status();
  Status synced = files.SyncData(descriptor.value()->get(), file.name());
  if (synced.ok()) synced = segment_->offset_index.Sync();
  if (synced.ok()) synced = segment_->time_index.Sync();
  if (synced.ok() && !aborted.empty()) synced = WriteAborted(aborted);
  if (synced.ok()) synced = files.SetModified(file.path(), modified_ms);
  if (!synced.ok()) return synced;
  file.Publish(position_);
  segment_->synced_bytes.store(position_);
  segment_->indexes_synced.store(true);
  return Status::Ok();
}

Status CleanedSegment::WriteAborted(std::span<const AbortedSpan> aborted) {
  ByteVector bytes(aborted.size() * kAbortedBytes);
  std::byte* at = bytes.data();
  for (const AbortedSpan& span : aborted) {
    StoreInt16(at, 0);
    StoreInt64(at + 2, span.producer_id);
    StoreInt64(at + 10, span.first_offset);
    StoreInt64(at + 18, span.last_offset);
    StoreInt64(at + 26, span.last_stable_offset);
    at += kAbortedBytes;
  }
  FileSystem& files = context_.file_system;
  const std::string path = segment_->txn_index_path();
  auto file = files.Open(path, O_RDWR | O_CREAT | O_TRUNC);
  if (!file.ok()) return file.status();
  iovec part{bytes.data(), bytes.size()};
  Status written = files.Pwritev(file.value().get(), {&part, 1}, 0, path);
  return written.ok() ? files.SyncData(file.value().get(), path) : written;
}

}  // namespace millrace
