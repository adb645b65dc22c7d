#include "log/recovery.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "log/batch_cursor.h"
#include "log/janitor.h"
#include "log/log_context.h"
#include "log/segment_names.h"

namespace millrace {
namespace {

// One read of a scan. A larger batch grows the buffer for as long as it lasts.
constexpr size_t kScanBytes = 1 << 20;
// Headers looked at behind the youngest batch of a segment: the next entry of its time index, were there one, would be
// for one of those. Where timestamps fall for longer than that a lost entry goes unseen.
constexpr int kTimeTailBatchesMax = 64;

// Leader epochs that a scan tells of; with more, whoever wants them reads the headers.
constexpr size_t kEpochsMax = 1024;

class SegmentScan {
 public:
  SegmentScan(LogContext& context, Segment& segment, const LogOptions& options, ScannedTail& tail)
      : context_(context), segment_(segment), options_(options), tail_(tail), size_(segment.file->size()) {}

  // Re-indexes the valid batches. Returns the bytes behind them, which are to be cut.
  Result<int64_t> Run(bool active) {
    if (Status reset = Reset(); !reset.ok()) return reset;
    // Of thousands of partitions that nobody wrote to, none costs a descriptor.
    if (size_ == 0) {
      Status sealed = Seal(active);
      return sealed.ok() ? Result<int64_t>(int64_t{0}) : Result<int64_t>(std::move(sealed));
    }
    auto descriptor = segment_.file->Acquire();
    if (!descriptor.ok()) return descriptor.status();
    const int fd = descriptor.value()->get();
    for (;;) {
      Result<bool> more = Step(fd);
      if (!more.ok()) return more.status();
      if (!more.value()) break;
    }
    if (Status sealed = Seal(active); !sealed.ok()) return sealed;
    return size_ - position_;
  }

  // On the device too: the next append must not meet again what was here, should a power cut take it.
  Status Cut() {
    const auto descriptor = segment_.file->Acquire();
    if (!descriptor.ok()) return descriptor.status();
    Status cut = context_.file_system.Truncate(descriptor.value()->get(), position_, segment_.file->name());
    if (cut.ok()) segment_.file->Publish(position_);
    return cut.ok() ? segment_.file->Sync() : cut;
  }

  int64_t end_offset() const { return next_offset_; }
  // Whether every record from the base offset on is there: nothing was ever taken out.
  bool dense() const { return dense_; }

 private:
  // An active segment that is too small for entries owes its indexes until it is closed, as when it was appended to.
  Status Seal(bool active) {
    const bool owed = active && segment_.offset_index.missing() && segment_.time_index.missing();
    return owed ? Status::Ok() : segment_.SealIndexes();
  }

  Status Reset() {
    segment_.max_timestamp.store(-1, std::memory_order_relaxed);
    segment_.max_timestamp_offset = -1;
    segment_.bytes_since_entry = 0;
    segment_.first_timestamp = Segment::kUnknown;
    next_offset_ = segment_.base_offset();
    Status reset = segment_.offset_index.Reset();
    if (reset.ok()) reset = segment_.time_index.Reset();
    if (reset.ok()) reset = segment_.PrepareIndexes(options_, size_);
    return reset;
  }

  // Takes one batch; false at the end of what is valid.
  Result<bool> Step(int fd) {
    auto header = Bytes(fd, kBatchHeaderSize);
    if (!header.ok()) return header.status();
    const auto extent = ParseBatchExtent(header.value());
    if (!extent || extent->size > size_ - position_) return false;
    auto whole = Bytes(fd, static_cast<size_t>(extent->size));
    if (!whole.ok()) return whole.status();
    if (whole.value().size() < static_cast<size_t>(extent->size)) return false;
    const auto batch = whole.value().first(static_cast<size_t>(extent->size));
    if (extent->first_offset < next_offset_ || extent->last_offset - segment_.base_offset() > INT32_MAX ||
        !ChecksumMatches(batch)) {
      return false;
    }
    Status indexed = segment_.Index(*extent, position_, options_.index_interval_bytes);
    if (!indexed.ok()) return indexed;
    const auto fields = ParseBatchHeader(batch);
    dense_ = dense_ && extent->first_offset == next_offset_ && fields &&
             fields->record_count == extent->last_offset - extent->first_offset + 1;
    Note(*extent, fields);
    position_ += extent->size;
    next_offset_ = extent->last_offset + 1;
    return true;
  }

  void Note(const BatchExtent& extent, const std::optional<BatchHeader>& fields) {
    if (!fields || fields->producer_id >= 0) tail_.plain = false;
    if (!fields || (!tail_.epochs.empty() && tail_.epochs.back().epoch == fields->leader_epoch)) return;
    if (tail_.epochs.size() < kEpochsMax) {
      tail_.epochs.push_back({fields->leader_epoch, extent.first_offset});
    } else {
      tail_.plain = false;
    }
  }

  // At least `wanted` bytes from position_ on, fewer only at the end of the file.
  Result<std::span<const std::byte>> Bytes(int fd, size_t wanted) {
    const int64_t left = size_ - position_;
    wanted = static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(wanted), left));
    const int64_t have = buffer_start_ + static_cast<int64_t>(buffer_length_) - position_;
    if (have < static_cast<int64_t>(wanted)) {
      const auto length = static_cast<size_t>(std::min<int64_t>(std::max<int64_t>(kScanBytes, wanted), left));
      if (buffer_.size() < length) buffer_.resize(length);
      auto read = context_.file_system.Pread(fd, std::span(buffer_).first(length), position_, segment_.file->name());
      if (!read.ok()) return read.status();
      buffer_start_ = position_;
      buffer_length_ = read.value();
    }
    const auto at = static_cast<size_t>(position_ - buffer_start_);
    return std::span<const std::byte>(buffer_).subspan(at, buffer_length_ - at);
  }

  LogContext& context_;
  Segment& segment_;
  const LogOptions& options_;
  ScannedTail& tail_;
  const int64_t size_;
  int64_t position_ = 0;
  int64_t next_offset_ = 0;
  bool dense_ = true;
  std::vector<std::byte> buffer_;
  int64_t buffer_start_ = 0;
  size_t buffer_length_ = 0;
};

class Recovery {
 public:
  Recovery(LogContext& context, const RecoveryOptions& recovery) : context_(context), recovery_(recovery) {}

  Result<RecoveredLog> Run() {
    FileSystem& files = context_.file_system;
    if (Status made = files.MakeDirectory(recovery_.directory); !made.ok()) return made;
    auto settled = SettleSegmentNames(files, recovery_.directory);
    if (!settled.ok()) return settled.status();
    log_.directory_changed = settled.value().changed;
    log_.other_files = std::move(settled.value().others);
    for (const int64_t base_offset : settled.value().bases) {
      const auto stat = files.Stat(SegmentPath(recovery_.directory, base_offset, ".log"));
      if (!stat.ok()) return stat.status();
      log_.segments.push_back(
          std::make_shared<Segment>(context_, recovery_.directory, base_offset, stat.value().size));
    }
    DropBelowStart();
    for (size_t i = 0; i < log_.segments.size(); ++i) {
      if (Status taken = Take(i); !taken.ok()) return taken;
    }
    if (log_.segments.empty() || log_.end_offset < recovery_.log_start_offset) {
      if (Status started = StartEmpty(); !started.ok()) return started;
    }
    // Most of thousands of partitions are idle after a start.
    for (const auto& segment : log_.segments) segment->Rest();
    return std::move(log_);
  }

 private:
  // A crash while they were deleted may have left any of them, and the gaps would be taken for lost records.
  void DropBelowStart() {
    size_t below = 0;
    while (below + 1 < log_.segments.size() &&
           log_.segments[below + 1]->base_offset() <= recovery_.log_start_offset) {
      Drop(log_.segments[below++]);
    }
    log_.segments.erase(log_.segments.begin(), log_.segments.begin() + static_cast<ptrdiff_t>(below));
  }

  Status Take(size_t i) {
    Segment& segment = *log_.segments[i];
    const bool last = i + 1 == log_.segments.size();
    const bool clean = recovery_.recovery_point >= kCleanStop;
    const bool above = !clean && (last || log_.segments[i + 1]->base_offset() > recovery_.recovery_point);
    if (!above) {
      Status loaded = segment.LoadIndexes();
      int64_t end_offset = segment.base_offset();
      if (loaded.ok() && last) loaded = ReloadTail(context_.file_system, segment, segment.file->size(), &end_offset);
      if (loaded.ok() && last) loaded = CheckTail(segment);
      if (loaded.ok()) loaded = CheckLastTime(segment);
      if (loaded.ok()) {
        log_.end_offset = last ? end_offset : log_.segments[i + 1]->base_offset();
        segment.synced_bytes.store(last ? 0 : segment.file->size());
        segment.indexes_synced.store(!last);
        log_.scanned = {};
        return Status::Ok();
      }
      if (loaded.error() != EILSEQ) return loaded;
    }
    if (log_.scanned.from < 0) log_.scanned.from = segment.base_offset();
    SegmentScan scan(context_, segment, recovery_.options, log_.scanned);
    Result<int64_t> cut = scan.Run(last);
    if (!cut.ok()) return cut.status();
    ++log_.recovered_segments;
    log_.truncated_bytes += cut.value();
    log_.end_offset = scan.end_offset();
    const bool gap = !last && log_.end_offset < log_.segments[i + 1]->base_offset() && !Compacted(scan);
    Status settled = above && (cut.value() > 0 || gap) ? DropFrom(i + 1) : Status::Ok();
    // Last, since it tells that the others must go: without it the gap might be taken for compaction's.
    if (settled.ok() && cut.value() > 0) settled = scan.Cut();
    return settled;
  }

  // Whether what is missing behind this segment may have been taken by compaction.
  bool Compacted(const SegmentScan& scan) const {
    return scan.end_offset() < recovery_.compacted_below || (recovery_.compacted_below > 0 && !scan.dense());
  }

  // The marker of a clean stop may have been copied along with a log that was still written to. EILSEQ when a batch
  // behind the last index entry does not match its checksum.
  Status CheckTail(const Segment& segment) {
    const auto entry = segment.offset_index.Last();
    if (!entry.ok()) return entry.status();
    const int64_t size = segment.file->size();
    BatchCursor cursor(context_.file_system, *segment.file, entry.value() ? entry.value()->position : 0, size);
    std::vector<std::byte> bytes;
    for (;;) {
      const auto batch = cursor.Next();
      if (!batch.ok()) return batch.status();
      if (!batch.value()) return Status::Ok();
      bytes.resize(static_cast<size_t>(batch.value()->extent.size));
      const auto descriptor = segment.file->Acquire();
      if (!descriptor.ok()) return descriptor.status();
      const auto read = context_.file_system.Pread(descriptor.value()->get(), bytes, batch.value()->position,
                                                   segment.file->name());
      if (!read.ok()) return read.status();
      if (read.value() < bytes.size() || !ChecksumMatches(bytes)) {
        return Status("check batch", EILSEQ, segment.file->name());
      }
    }
  }

  // Retention goes by the last entry of the time index and searches end there, so the batch it points at must be as
  // young, and those that follow no younger: for such a one there would be another entry. EILSEQ if not.
  Status CheckLastTime(const Segment& segment) {
    const auto time = segment.time_index.Last();
    if (!time.ok()) return time.status();
    const auto last = time.value().value_or(TimeIndex::Entry{-1, segment.base_offset() - 1});
    auto entry = segment.offset_index.Last();
    // Usually the youngest batch is among the last; else the whole index is searched.
    if (entry.ok() && entry.value() && entry.value()->offset > last.offset) {
      entry = segment.offset_index.FloorOffset(last.offset);
    }
    if (!entry.ok()) return entry.status();
    const Status wrong("check index", EILSEQ, segment.time_index.path());
    BatchCursor cursor(context_.file_system, *segment.file, entry.value() ? entry.value()->position : 0,
                       segment.file->size());
    bool found = !time.value();
    for (int behind = 0; behind < kTimeTailBatchesMax;) {
      const auto batch = cursor.Next();
      if (!batch.ok()) return batch.status();
      if (!batch.value()) return found ? Status::Ok() : wrong;
      const BatchExtent& extent = batch.value()->extent;
      if (extent.last_offset < last.offset) continue;
      if (found ? extent.max_timestamp > last.timestamp : extent.max_timestamp != last.timestamp) return wrong;
      if (std::exchange(found, true)) ++behind;
    }
    return Status::Ok();
  }

  // From the end, and on the device before anything is appended: a crash in between leaves no gap, and the names are
  // soon given to others.
  Status DropFrom(size_t first) {
    if (first >= log_.segments.size()) return Status::Ok();
    while (log_.segments.size() > first) {
      log_.truncated_bytes += log_.segments.back()->file->size();
      Drop(log_.segments.back());
      log_.segments.pop_back();
    }
    return context_.file_system.SyncDirectory(recovery_.directory);
  }

  void Drop(std::shared_ptr<Segment>& segment) {
    // A file that keeps its name is still unlinked by the janitor.
    (void)segment->MarkDeleted(context_.file_system);
    context_.janitor->Remove(std::move(segment));
    log_.directory_changed = true;
  }

  Status StartEmpty() {
    if (Status dropped = DropFrom(0); !dropped.ok()) return dropped;
    log_.scanned = {};
    log_.segments.push_back(std::make_shared<Segment>(context_, recovery_.directory, recovery_.log_start_offset, 0));
    log_.end_offset = recovery_.log_start_offset;
    log_.directory_changed = true;
    return log_.segments.back()->Create(context_);
  }

  LogContext& context_;
  const RecoveryOptions& recovery_;
  RecoveredLog log_;
};

}  // namespace

Result<RecoveredLog> RecoverLog(LogContext& context, const RecoveryOptions& recovery) {
  return Recovery(context, recovery).Run();
}

Status ReindexSegment(LogContext& context, Segment& segment, const Reindexing& reindexing) {
  segment.bytes_since_entry = 0;
  Status status = segment.offset_index.Reset();
  if (status.ok()) status = segment.time_index.Reset();
  if (status.ok()) status = segment.PrepareIndexes(reindexing.options, reindexing.bytes);
  if (!status.ok()) return status;
  // The segment's own largest timestamp stays what it is meanwhile, since others read it.
  int64_t max_timestamp = -1;
  int64_t max_timestamp_offset = -1;
  int64_t bytes_since_entry = 0;
  int64_t next_offset = segment.base_offset();
  BatchCursor cursor(context.file_system, *segment.file, 0, reindexing.bytes);
  for (;;) {
    const auto batch = cursor.Next();
    if (!batch.ok() && batch.status().error() != EILSEQ) return batch.status();
    if (!batch.ok() || !batch.value()) break;
    const BatchExtent& extent = batch.value()->extent;
    if (extent.first_offset < next_offset || extent.last_offset - segment.base_offset() > INT32_MAX) break;
    next_offset = extent.last_offset + 1;
    if (extent.max_timestamp > max_timestamp) {
      max_timestamp = extent.max_timestamp;
      max_timestamp_offset = extent.last_offset;
    }
    if (bytes_since_entry > reindexing.options.index_interval_bytes) {
      status = segment.offset_index.Append({extent.last_offset, batch.value()->position}, cursor.position());
      if (status.ok()) status = segment.time_index.MaybeAppend({max_timestamp, max_timestamp_offset});
      if (!status.ok()) return status;
      bytes_since_entry = 0;
    }
    bytes_since_entry += extent.size;
  }
  segment.max_timestamp.store(max_timestamp, std::memory_order_relaxed);
  segment.max_timestamp_offset = max_timestamp_offset;
  segment.bytes_since_entry = bytes_since_entry;
  return reindexing.closed ? segment.SealIndexes() : Status::Ok();
}

Status ReloadTail(FileSystem& file_system, Segment& segment, int64_t bytes, int64_t* end_offset) {
  const auto last_entry = segment.offset_index.Last();
  if (!last_entry.ok()) return last_entry.status();
  const auto last_time = segment.time_index.Last();
  if (!last_time.ok()) return last_time.status();
  int64_t max_timestamp = last_time.value() ? last_time.value()->timestamp : -1;
  segment.max_timestamp_offset = last_time.value() ? last_time.value()->offset : -1;
  const int64_t from = last_entry.value() ? last_entry.value()->position : 0;
  BatchCursor cursor(file_system, *segment.file, from, bytes);
  int64_t next_offset = 0;
  for (;;) {
    const auto batch = cursor.Next();
    if (!batch.ok()) return batch.status();
    if (!batch.value()) break;
    const BatchExtent& extent = batch.value()->extent;
    if (extent.first_offset < next_offset) return Status("read batch", EILSEQ, segment.file->name());
    next_offset = extent.last_offset + 1;
    if (end_offset != nullptr) *end_offset = next_offset;
    if (extent.max_timestamp > max_timestamp) {
      max_timestamp = extent.max_timestamp;
      segment.max_timestamp_offset = extent.last_offset;
    }
  }
  segment.max_timestamp.store(max_timestamp, std::memory_order_relaxed);
  segment.bytes_since_entry = bytes - from;
  return Status::Ok();
}

}  // namespace millrace
