#include "log/cleaner/log_cleaner.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

int64_t MsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// A result handed from the lane to the cleaner.
class Handover {
 public:
  void Set(Status status) {
    std::lock_guard lock(mutex_);
    status_ = std::move(status);
    changed_.notify_all();
  }
  Status Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return status_.has_value(); });
    return std::move(*status_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Status> status_;
};

}  // namespace

LogCleaner::LogCleaner(std::shared_ptr<Log> log, CleanRequest request, Transcoder* transcoder, Throttle& throttle)
    : log_(std::move(log)),
      request_(std::move(request)),
      transcoder_(transcoder),
      throttle_(throttle),
      cancelled_(log_->cancellation()),
      view_(log_->View()),
      map_(request_.map_bytes, request_.load_factor) {}

CleanResult LogCleaner::Run() {
  throttle_.SetRate(request_.bytes_per_second);
  const auto started = Clock::now();
  result_.status = BuildMap();
  result_.index_ms = MsSince(started);
  result_.map_entries = static_cast<int64_t>(map_.size());
  result_.map_entries_max = static_cast<int64_t>(map_.size_max());
  const auto copying = Clock::now();
  if (result_.status.ok()) result_.status = Copy();
  result_.copy_ms = MsSince(copying);
  result_.end_offset = latest_offset_ + 1;
  return std::move(result_);
}

// Closed segments from the start of the log on that begin below the offset.
std::vector<CleanSource> LogCleaner::SourcesBelow(int64_t offset) const {
  std::vector<CleanSource> sources;
  for (size_t i = 0; i + 1 < view_.segments->size(); ++i) {
    const auto& segment = (*view_.segments)[i];
    if (segment->base_offset() >= offset) break;
    sources.push_back({segment, view_.EndOf(i)});
  }
  return sources;
}

Status LogCleaner::BuildMap() {
  std::vector<AbortedSpan> aborted = request_.aborted;
  std::erase_if(aborted, [&](const AbortedSpan& span) { return span.last_offset < request_.first_dirty_offset; });
  TransactionFilter transactions(std::move(aborted));
  RecordSource records(transcoder_, cancelled_);
  latest_offset_ = request_.first_dirty_offset - 1;
  for (const CleanSource& source : SourcesBelow(request_.first_uncleanable_offset)) {
    if (source.end_offset <= request_.first_dirty_offset) continue;
    const Result<bool> room = MapSegment(source, transactions, records);
    if (!room.ok()) return room.status();
    if (!room.value()) break;
  }
  // Not even one batch fitted: no round will ever get further.
  const bool stuck = latest_offset_ < request_.first_dirty_offset && map_.size() > 0;
  return stuck ? Status("clean with too small a table of keys", ENOBUFS, log_->directory()) : Status::Ok();
}

Result<bool> LogCleaner::MapSegment(const CleanSource& source, TransactionFilter& transactions,
                                    RecordSource& records) {
  const Segment& segment = *source.segment;
  const auto entry = segment.offset_index.FloorOffset(request_.first_dirty_offset);
  if (!entry.ok()) return entry.status();
  SegmentReader reader(log_->context().file_system, *segment.file, entry.value() ? entry.value()->position : 0,
                       segment.file->size(), request_.buffer_bytes);
  std::vector<AbortedSpan> ignored;
  for (;;) {
    if (Status wanted = cancelled_.Check(); !wanted.ok()) return wanted;
    const int64_t before = reader.position();
    const auto batches = reader.Next();
    if (!batches.ok()) return batches.status();
    if (batches.value().empty()) break;
    result_.bytes_read += reader.position() - before;
    throttle_.Charge(reader.position() - before, cancelled_);
    records.Begin(batches.value());
    for (size_t i = 0; i < batches.value().size(); ++i) {
      const BatchView& batch = batches.value()[i];
      if (batch.header.control()) {
        (void)transactions.OnMarker(batch.header, MarkerOf(batch), ignored);
      } else if (!transactions.OnBatch(batch.header)) {
        const Result<bool> room = MapBatch(batch, records, i);
        if (!room.ok() || !room.value()) return room;
      }
      latest_offset_ = std::max(latest_offset_, batch.header.last_offset());
    }
  }
  // Offsets may be missing at the end.
  latest_offset_ = std::max(latest_offset_, source.end_offset - 1);
  return true;
}

Result<bool> LogCleaner::MapBatch(const BatchView& batch, RecordSource& source, size_t index) {
  if (batch.header.record_count == 0 || batch.header.last_offset() < request_.first_dirty_offset) return true;
  const auto bytes = source.RecordsOf(index);
  if (!bytes.ok()) return bytes.status();
  RecordIterator records(bytes.value(), batch.header.record_count);
  for (RecordView record; records.Next(record);) {
    const int64_t offset = batch.header.base_offset + record.offset_delta;
    if (record.has_key && offset >= request_.first_dirty_offset && !map_.Put(record.key, offset)) return false;
  }
  if (records.malformed()) return Status("read records", EILSEQ, log_->directory());
  return true;
}

Status LogCleaner::Copy() {
  BatchFilter filter(request_, map_, latest_offset_);
  const GroupLimits limits{std::min<int64_t>(request_.segment_bytes, INT32_MAX), request_.segment_index_bytes};
  const auto groups = GroupSegments(SourcesBelow(latest_offset_ + 1), limits);
  Status status = Status::Ok();
  for (const auto& group : groups) {
    status = CleanGroup(group, filter);
    if (!status.ok()) break;
  }
  result_.records_read = filter.records_read;
  result_.records_kept = filter.records_kept;
  result_.records_invalid = filter.records_invalid;
  return status;
}

Status LogCleaner::CleanGroup(const std::vector<CleanSource>& group, BatchFilter& filter) {
  LogContext& context = log_->context();
  LogOptions options;
  options.index_interval_bytes = request_.index_interval_bytes;
  options.segment_index_bytes = request_.segment_index_bytes;
  CleanedSegment target(context, log_->directory(), group.front().segment->base_offset(), options, cancelled_);
  if (Status created = target.Create(); !created.ok()) return created;
  for (const CleanSource& source : group) {
    if (Status copied = CopySegment(source, filter, target); !copied.ok()) return copied;
  }
  const auto newest = context.file_system.Stat(group.back().segment->file->path());
  if (!newest.ok()) return newest.status();
  const std::vector<AbortedSpan> kept = filter.TakeKeptAborted();
  if (Status finished = target.Finish(kept, newest.value().modified_ms); !finished.ok()) return finished;
  const int64_t bytes = target.bytes();
  bool taken = false;
  Status swapped = Swap(group, target, taken);
  if (!taken) return swapped;
  result_.bytes_written += bytes;
  NoteSwapped(group, kept);
  return swapped;
}

Status LogCleaner::CopySegment(const CleanSource& source, BatchFilter& filter, CleanedSegment& target) {
  const SegmentFile& file = *source.segment->file;
  SegmentReader reader(log_->context().file_system, file, 0, file.size(), request_.buffer_bytes);
  RecordSource records(transcoder_, cancelled_);
  for (;;) {
    if (Status wanted = cancelled_.Check(); !wanted.ok()) return wanted;
    const int64_t before = reader.position();
    const auto batches = reader.Next();
    if (!batches.ok()) return batches.status();
    if (batches.value().empty()) return Status::Ok();
    records.Begin(batches.value());
    for (size_t i = 0; i < batches.value().size(); ++i) {
      const BatchView& batch = batches.value()[i];
      auto verdict = filter.Judge(batch, records, i);
      if (!verdict.ok()) return verdict.status();
      switch (verdict.value().kind) {
        case BatchFilter::Verdict::Kind::Drop:
          break;
        case BatchFilter::Verdict::Kind::KeepWhole:
          target.AddWhole(batch);
          break;
        case BatchFilter::Verdict::Kind::KeepEmpty:
          target.AddBatch(EmptyBatch(batch.header));
          break;
        case BatchFilter::Verdict::Kind::Rewrite: {
          RewrittenBatch& rewritten = *verdict.value().rewritten;
          if (!rewritten.header.compressed()) {
            target.AddBatch(AssembleBatch(rewritten.header, rewritten.records));
            break;
          }
          auto job = std::make_shared<TranscodeJob>(rewritten.header.codec(), true, std::move(rewritten.records));
          transcoder_->Start(job);
          target.AddCompressing(rewritten.header, std::move(job));
        }
      }
    }
    const int64_t written = target.bytes();
    if (Status flushed = target.Flush(); !flushed.ok()) return flushed;
    result_.bytes_read += reader.position() - before;
    throttle_.Charge(reader.position() - before + target.bytes() - written, cancelled_);
  }
}

// The steps of log_replace.cc. `taken`: the log has the new segment, whatever comes after.
Status LogCleaner::Swap(const std::vector<CleanSource>& group, CleanedSegment& target, bool& taken) {
  FileSystem& files = log_->context().file_system;
  SegmentList sources;
  for (const CleanSource& source : group) sources.push_back(source.segment);
  const Log::Cleaned cleaned{target.segment(), view_.truncations};
  Status status = files.SyncDirectory(log_->directory());
  if (status.ok()) status = OnLane([&](Log& log) { return log.OfferSegment(sources, cleaned); });
  if (status.ok()) status = files.SyncDirectory(log_->directory());
  if (status.ok()) status = OnLane([&](Log& log) { return log.TakeSegment(sources, cleaned); });
  if (!status.ok()) return status;
  taken = true;
  (void)target.Take();
  status = files.SyncDirectory(log_->directory());
  status = OnLane([&](Log& log) { return log.NameSegment(cleaned, status); });
  return status.ok() ? files.SyncDirectory(log_->directory()) : status;
}

Status LogCleaner::OnLane(const std::function<Status(Log&)>& work) {
  Handover handover;
  log_->Queue([&](Log& log) { handover.Set(work(log)); });
  return handover.Wait();
}

void LogCleaner::NoteSwapped(const std::vector<CleanSource>& group, const std::vector<AbortedSpan>& kept) {
  for (const CleanSource& source : group) result_.bytes_before += source.segment->file->size();
  for (size_t i = 1; i < group.size(); ++i) {
    result_.removed_segments.push_back(static_cast<double>(group[i].segment->base_offset()));
  }
  const int64_t start = group.front().segment->base_offset();
  const int64_t end = group.back().end_offset;
  for (const AbortedSpan& span : request_.aborted) {
    if (span.last_offset < start || span.last_offset >= end) continue;
    // Kept in the order of the markers.
    const auto same = std::lower_bound(kept.begin(), kept.end(), span.last_offset,
                                       [](const AbortedSpan& a, int64_t offset) { return a.last_offset < offset; });
    const bool stays = same != kept.end() && same->last_offset == span.last_offset;
    if (!stays) result_.dropped_markers.push_back(static_cast<double>(span.last_offset));
  }
}

}  // namespace millrace
