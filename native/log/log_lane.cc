// What a lane does besides appending: roll, flush, truncate, advance the start, fail, resume, close.

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "log/janitor.h"
#include "log/log.h"
#include "log/recovery.h"

namespace millrace {

Result<OpenedLog> Log::Open(const SmallFilesQuery& query) {
  Result<SmallFiles> small_files = ReadSmallFiles(context_.file_system, directory_, query);
  if (!small_files.ok()) {
    state_ = State::Closed;
    return small_files.status();
  }
  Result<RecoveredLog> recovered = RecoverLog(context_, {.directory = directory_,
                                                         .options = options_,
                                                         .log_start_offset = start_offset_,
                                                         .recovery_point = recovery_point_,
                                                         .compacted_below = compacted_below_});
  if (!recovered.ok()) {
    state_ = State::Closed;
    return recovered.status();
  }
  RecoveredLog& found = recovered.value();
  // What a run that did not end well has made and renamed may not be on the device either.
  if (found.directory_changed || recovery_point_ < kCleanStop) ++directory_changes_;
  const int64_t start_offset = std::max(start_offset_, found.segments.front()->base_offset());
  const int64_t active_bytes = found.segments.back()->file->size();
  OpenedLog opened{.log = handle_,
                   .log_start_offset = start_offset,
                   .log_end_offset = found.end_offset,
                   .segment_count = static_cast<int64_t>(found.segments.size()),
                   .size_bytes = 0,
                   .truncated_bytes = found.truncated_bytes,
                   .recovered_segments = found.recovered_segments,
                   .small_files = std::move(small_files).value(),
                   .other_files = std::move(found.other_files),
                   .scanned = std::move(found.scanned)};
  for (const auto& segment : found.segments) opened.size_bytes += segment->file->size();
  Publish({.segments = std::make_shared<const SegmentList>(std::move(found.segments)),
           .start_offset = start_offset,
           .end_offset = opened.log_end_offset,
           .active_bytes = active_bytes});
  return opened;
}

void Log::Publish(Published next) {
  std::lock_guard lock(publish_mutex_);
  segments_ = std::move(next.segments);
  start_offset_ = next.start_offset;
  end_offset_ = next.end_offset;
  active_bytes_ = next.active_bytes;
  ring_.Clear();
  // A log that nobody appends to costs no ring: the boundary is pushed with the first group.
}

Status Log::StartSegment(int64_t base_offset) {
  Segment& old = active();
  const bool replace = active_bytes_ == 0;
  Status sealed = replace ? Status::Ok() : old.SealIndexes();
  if (!sealed.ok()) return sealed;
  if (appended_records_ > synced_records_ && options_.flush_messages < kNeverFlush) {
    if (Status synced = SyncSegment(old); !synced.ok()) return synced;
    old.synced_bytes.store(active_bytes_, std::memory_order_relaxed);
  }
  auto segment = std::make_shared<Segment>(context_, directory_, base_offset, 0);
  if (Status created = segment->Create(context_); !created.ok()) return created;
  ++directory_changes_;
  SegmentList segments = *segments_;
  std::shared_ptr<Segment> replaced;
  if (replace) {
    replaced = std::move(segments.back());
    segments.pop_back();
  }
  segments.push_back(std::move(segment));
  Publish({.segments = std::make_shared<const SegmentList>(std::move(segments)),
           .start_offset = start_offset_,
           .end_offset = end_offset_,
           .active_bytes = 0});
  if (replaced != nullptr) (void)Discard(std::span(&replaced, 1));
  context_.listener.OnRolled(handle_, base_offset);
  return Status::Ok();
}

Status Log::Roll() {
  if (state_ != State::Working) return failure_.ok() ? Status("roll", EBADF, directory_) : failure_;
  if (active_bytes_ == 0) return Status::Ok();
  Status rolled = StartSegment(end_offset_);
  if (!rolled.ok()) Fail(rolled);
  return rolled;
}

void Log::Configure(const LogOptions& options) {
  if (options_.flush_messages >= kNeverFlush && options.flush_messages < kNeverFlush) closed_unsynced_ = true;
  options_ = options;
}

// Whoever syncs one append after the other needs all before it on the device as well: recovery ends at a gap.
Status Log::SyncClosed() {
  if (!closed_unsynced_) return Status::Ok();
  for (size_t i = 0; i + 1 < segments_->size(); ++i) {
    Segment& segment = *(*segments_)[i];
    const int64_t bytes = segment.file->size();
    if (segment.synced_bytes.load(std::memory_order_relaxed) >= bytes) continue;
    if (Status synced = SyncSegment(segment); !synced.ok()) return synced;
    segment.synced_bytes.store(bytes, std::memory_order_relaxed);
  }
  closed_unsynced_ = false;
  return Status::Ok();
}

bool Log::IsSyncFailure(const Status& status) {
  const std::string_view operation = status.operation();
  return !status.ok() && (operation == "fdatasync" || operation == "fsync");
}

Status Log::SyncSegment(Segment& segment) {
  Status synced = segment.file->Sync();
  if (IsSyncFailure(synced)) sync_failed_ = true;
  return synced;
}

void Log::Flush(std::function<void(Status)> done) {
  if (state_ == State::Lost) return done(failure_);
  struct Dirty {
    std::shared_ptr<Segment> segment;
    int64_t bytes;
    bool closed;
  };
  std::vector<Dirty> dirty;
  for (size_t i = 0; i < segments_->size(); ++i) {
    const auto& segment = (*segments_)[i];
    const bool closed = i + 1 < segments_->size();
    const int64_t bytes = closed ? segment->file->size() : active_bytes_;
    if (segment->synced_bytes.load(std::memory_order_relaxed) < bytes || (closed && !segment->indexes_synced)) {
      dirty.push_back({segment, bytes, closed});
    }
  }
  const bool directory = directory_synced_ != directory_changes_;
  if (dirty.empty() && !directory) return done(Status::Ok());
  context_.syncers->Submit([self = shared_from_this(), dirty = std::move(dirty), directory, path = directory_,
                            done = std::move(done),
                            synced = Synced{appended_records_, directory_changes_}] {
    FileSystem& file_system = self->context_.file_system;
    Status status = Status::Ok();
    for (const Dirty& item : dirty) {
      Segment& segment = *item.segment;
      status = segment.file->Sync();
      // An active index needs no sync: its segment is scanned after a power cut.
      if (status.ok() && item.closed) status = segment.offset_index.Sync();
      if (status.ok() && item.closed) status = segment.time_index.Sync();
      if (!status.ok()) break;
      segment.synced_bytes.store(item.bytes, std::memory_order_relaxed);
      if (item.closed) segment.indexes_synced.store(true, std::memory_order_relaxed);
    }
    if (status.ok() && directory) status = file_system.SyncDirectory(path);
    self->Queue([status, synced](Log& log) { log.Flushed(status, synced); });
    done(std::move(status));
  });
}

void Log::Flushed(const Status& status, const Synced& synced) {
  if (state_ == State::Closed) return;
  if (status.ok()) {
    synced_records_ = std::max(synced_records_, synced.records);
    directory_synced_ = std::max(directory_synced_, synced.directory_changes);
    return;
  }
  if (!IsSyncFailure(status)) return;
  sync_failed_ = true;
  Fail(status);
}

void Log::Fail(Status status) {
  state_ = sync_failed_ ? State::Lost : State::Failed;
  failure_ = status;
  // When even cutting fails, Resume tries again; nobody can see the bytes meanwhile.
  (void)Repair();
  context_.listener.OnLogFailed(handle_, end_offset_, std::move(status));
}

Status Log::Repair() {
  if (!repair_needed_) return Status::Ok();
  auto descriptor = active().file->Acquire();
  if (!descriptor.ok()) return descriptor.status();
  Status cut = context_.file_system.Truncate(descriptor.value()->get(), active_bytes_, active().file->name());
  if (cut.ok()) repair_needed_ = false;
  return cut;
}

void Log::Resume() {
  if (state_ == State::Working || state_ == State::Closed) return;
  if (state_ == State::Failed) {
    Status repaired = Repair();
    if (repaired.ok()) {
      state_ = State::Working;
      failure_ = Status::Ok();
      return;
    }
    failure_ = std::move(repaired);
  }
  context_.listener.OnLogFailed(handle_, end_offset_, failure_);
}

Result<int64_t> Log::TruncateTo(int64_t offset) {
  if (state_ == State::Closed || offset < 0) return Status("truncate", offset < 0 ? EINVAL : EBADF, directory_);
  if (offset >= end_offset_) return end_offset_;
  const SegmentList all = *segments_;
  const auto above = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s->base_offset() > offset; });
  SegmentList kept(all.begin(), above);
  const std::span<const std::shared_ptr<Segment>> removed(all.data() + kept.size(), all.size() - kept.size());
  int64_t position = 0;
  if (kept.empty()) {
    kept.push_back(std::make_shared<Segment>(context_, directory_, offset, 0));
    if (Status created = kept.back()->Create(context_); !created.ok()) return created;
    ++directory_changes_;
  } else {
    const Segment& last = *kept.back();
    const int64_t bytes = removed.empty() ? active_bytes_ : last.file->size();
    const auto located = Locate(last, offset, bytes);
    if (!located.ok()) return located.status();
    position = located.value() ? located.value()->position : bytes;
  }
  {
    std::lock_guard lock(publish_mutex_);
    ++truncations_;
  }
  // Readers stop seeing the bytes before they go away.
  Publish({.segments = std::make_shared<const SegmentList>(std::move(kept)),
           .start_offset = std::min(start_offset_, offset),
           .end_offset = offset,
           .active_bytes = position});
  repair_needed_ = true;
  // From the end, so that a crash in between leaves no gap before what is still there.
  Status discarded = Status::Ok();
  for (size_t i = removed.size(); i-- > 0 && discarded.ok();) discarded = Discard(removed.subspan(i, 1));
  if (!removed.empty() && discarded.ok()) discarded = context_.file_system.SyncDirectory(directory_);
  Status cut = CutActive(offset);
  if (!cut.ok()) Fail(cut);
  if (!cut.ok()) return cut;
  if (!discarded.ok()) return discarded;
  return end_offset_;
}

Status Log::CutActive(int64_t offset) {
  Segment& segment = active();
  segment.file->Publish(active_bytes_);
  segment.synced_bytes.store(std::min(segment.synced_bytes.load(), active_bytes_));
  segment.indexes_synced.store(false);
  if (Status cut = Repair(); !cut.ok()) return cut;
  if (Status cut = segment.offset_index.TruncateTo(offset); !cut.ok()) return cut;
  if (Status cut = segment.time_index.TruncateTo(offset); !cut.ok()) return cut;
  if (active_bytes_ == 0) segment.first_timestamp = Segment::kUnknown;
  return ReloadTail(context_.file_system, segment, active_bytes_, nullptr);
}

Status Log::AdvanceStart(int64_t offset) {
  if (state_ == State::Closed) return Status("advance start", EBADF, directory_);
  if (offset > end_offset_) return Status("advance start", EINVAL, directory_);
  if (offset <= start_offset_) return Status::Ok();
  const SegmentList all = *segments_;
  size_t below = 0;
  while (below + 1 < all.size() && all[below + 1]->base_offset() <= offset) ++below;
  auto kept = std::make_shared<const SegmentList>(all.begin() + static_cast<ptrdiff_t>(below), all.end());
  {
    std::lock_guard lock(publish_mutex_);
    start_offset_ = offset;
    segments_.swap(kept);
  }
  return Discard(std::span(all).first(below));
}

void Log::Reindex(int64_t base_offset) {
  if (state_ == State::Closed) return;
  const auto& segments = *segments_;
  const size_t i = View().IndexOf(base_offset);
  // Retention may have been faster.
  if (i >= segments.size() || segments[i]->base_offset() != base_offset) return;
  const bool closed = i + 1 < segments.size();
  Segment& segment = *segments[i];
  const int64_t bytes = closed ? segment.file->size() : active_bytes_;
  segment.indexes_synced.store(false);
  Status rebuilt = ReindexSegment(context_, segment, {.options = options_, .bytes = bytes, .closed = closed});
  // While it cannot be had, searches fail and ask again.
  if (rebuilt.ok()) context_.listener.OnIndexRebuilt(handle_, base_offset);
}

Status Log::Discard(std::span<const std::shared_ptr<Segment>> removed) {
  Status first = Status::Ok();
  for (const auto& segment : removed) {
    Status renamed = segment->MarkDeleted(context_.file_system);
    if (first.ok()) first = std::move(renamed);
    context_.janitor->Remove(segment);
    ++directory_changes_;
  }
  return first;
}

Status Log::Close() {
  if (state_ == State::Closed) return Status("close log", EBADF, directory_);
  Status closed = Repair();
  if (closed.ok()) closed = active().SealIndexes();
  state_ = State::Closed;
  return closed;
}

}  // namespace millrace
