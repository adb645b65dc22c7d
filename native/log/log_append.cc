// The append path of a log: groups, roll rules, write, index, sync, publish.

#include <limits.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "log/batch_cursor.h"
#include "log/log.h"

namespace millrace {
namespace {

// Bounds of one group: what one pwritev takes, and how long the first append of a group may wait for the last.
constexpr size_t kGroupAppendsMax = IOV_MAX;
constexpr int64_t kGroupBytesMax = 8 << 20;
// Positions are int32 in the offset index.
constexpr int64_t kSegmentBytesMax = INT32_MAX;
constexpr size_t kLineBytes = 64;

void FetchLines(const void* object, size_t bytes) {
  const auto* at = static_cast<const std::byte*>(object);
  for (size_t offset = 0; offset < bytes; offset += kLineBytes) __builtin_prefetch(at + offset);
}

int64_t WallClockMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

void Log::AppendAll(std::span<Work> work) {
  while (!work.empty()) {
    if (state_ != State::Working) {
      for (Work& item : work) Settle(std::get<AppendRequest>(item), false);
      return;
    }
    // A failed group is settled by the loop's next round, after OnLogFailed was told.
    work = work.subspan(WriteGroup(work));
  }
}

// Writes the longest prefix that fits one segment and one system call. Returns how many appends were settled.
size_t Log::WriteGroup(std::span<Work> work) {
  const AppendRequest& first = std::get<AppendRequest>(work.front());
  if (Status loaded = LoadFirstTimestamp(active()); !loaded.ok()) return Fail(std::move(loaded)), 0;
  if (ShouldRoll(active(), first, {active_bytes_, active().first_timestamp, 0})) {
    if (Status rolled = StartSegment(std::max(end_offset_, first.base_offset)); !rolled.ok()) {
      return Fail(std::move(rolled)), 0;
    }
  }
  const auto [count, bytes] = GroupOf(work);
  if (count == 0) return Fail(Status("append out of order", EINVAL, directory_)), 0;
  const std::span<Work> group = work.first(count);
  if (Status prepared = active().PrepareIndexes(options_, bytes); !prepared.ok()) return Fail(std::move(prepared)), 0;
  if (Status written = WriteAndIndex(group); !written.ok()) return Fail(std::move(written)), 0;
  if (Status synced = SyncIfDue(group); !synced.ok()) return Fail(std::move(synced)), 0;
  PublishGroup(group, active_bytes_ + bytes);
  return count;
}

Log::Group Log::GroupOf(std::span<Work> work) const {
  const Segment& segment = *segments_->back();
  const int64_t first_timestamp =
      active_bytes_ == 0 ? std::get<AppendRequest>(work.front()).max_timestamp : segment.first_timestamp;
  Group group;
  int64_t next_offset = end_offset_;
  for (; group.count < std::min(work.size(), kGroupAppendsMax); ++group.count) {
    const AppendRequest& request = std::get<AppendRequest>(work[group.count]);
    if (request.base_offset < next_offset || request.end_offset <= request.base_offset) break;
    if (group.count > 0 &&
        (group.bytes >= kGroupBytesMax ||
         ShouldRoll(segment, request,
                    {active_bytes_ + group.bytes, first_timestamp, static_cast<int64_t>(group.count)}))) {
      break;
    }
    group.bytes += static_cast<int64_t>(request.bytes.size());
    next_offset = request.end_offset;
  }
  return group;
}

void Log::Fetch(int step) const {
  const SegmentList& segments = *segments_;
  if (segments.empty()) return;
  switch (step) {
    case 0:
      FetchLines(this, sizeof *this);
      return FetchLines(&segments, sizeof segments);
    case 1:
      return FetchLines(&segments.back(), sizeof segments.back());
    case 2:
      return FetchLines(segments.back().get(), sizeof(Segment));
    case 3:
      return FetchLines(segments.back()->file.get(), sizeof(SegmentFile));
    default:
      return segments.back()->file->Fetch();
  }
}

int64_t Log::RunIfBrief(int64_t bytes_max) {
  const int64_t bytes = BriefBytes();
  if (bytes <= 0 || bytes > bytes_max) return 0;
  Run();
  return bytes;
}

// What RunIfBrief would write, 0 when it would take more than a write.
int64_t Log::BriefBytes() {
  if (state_ != State::Working) return 0;
  std::lock_guard lock(queue_mutex_);
  int64_t records = appended_records_ - synced_records_;
  for (const Work& item : queue_) {
    const auto* request = std::get_if<AppendRequest>(&item);
    if (request == nullptr) return 0;
    records += request->record_count;
  }
  const Segment& segment = active();
  if ((options_.flush_messages < kNeverFlush && records >= options_.flush_messages) || !segment.file->open()) return 0;
  if (active_bytes_ > 0 && segment.first_timestamp == Segment::kUnknown) return 0;
  const AppendRequest& first = std::get<AppendRequest>(queue_.front());
  if (ShouldRoll(segment, first, {active_bytes_, segment.first_timestamp, 0})) return 0;
  const auto [count, bytes] = GroupOf(queue_);
  return count == queue_.size() && segment.IndexesReadyFor(options_, bytes) ? bytes : 0;
}

// Kafka's rules.
bool Log::ShouldRoll(const Segment& segment, const AppendRequest& request, const Staged& staged) const {
  const int64_t limit = std::min<int64_t>(options_.segment_bytes, kSegmentBytesMax);
  if (staged.bytes > 0) {
    if (staged.bytes > limit - static_cast<int64_t>(request.bytes.size())) return true;
    const int64_t age = staged.first_timestamp >= 0 ? request.max_timestamp - staged.first_timestamp
                                                    : WallClockMs() - segment.created_ms;
    if (age > options_.segment_ms) return true;
    const int64_t index_bytes = options_.segment_index_bytes;
    if (segment.offset_index.Full(index_bytes, staged.entries)) return true;
    if (segment.time_index.Full(index_bytes, staged.entries)) return true;
  }
  // An empty segment is only replaced when its name is too far below.
  return request.end_offset - 1 - segment.base_offset() > INT32_MAX;
}

Status Log::LoadFirstTimestamp(Segment& segment) {
  if (segment.first_timestamp != Segment::kUnknown || active_bytes_ == 0) return Status::Ok();
  BatchCursor cursor(context_.file_system, *segment.file, 0, active_bytes_);
  const auto first = cursor.Next();
  if (!first.ok()) return first.status();
  segment.first_timestamp = first.value()->extent.max_timestamp;
  return Status::Ok();
}

Status Log::WriteAndIndex(std::span<Work> group) {
  Segment& segment = active();
  auto descriptor = segment.file->Acquire();
  if (!descriptor.ok()) return descriptor.status();
  iovec parts[kGroupAppendsMax];
  size_t count = 0;
  for (Work& item : group) {
    const auto& bytes = std::get<AppendRequest>(item).bytes;
    parts[count++] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  }
  repair_needed_ = true;
  const auto started = WritePace::Clock::now();
  Status written = context_.file_system.Pwritev(descriptor.value()->get(), std::span(parts, count), active_bytes_,
                                                segment.file->name());
  context_.pace.Wrote(started);
  if (!written.ok()) return written;
  const int64_t offset_entries = segment.offset_index.count();
  const int64_t time_entries = segment.time_index.count();
  const int64_t max_timestamp = segment.max_timestamp.load(std::memory_order_relaxed);
  const int64_t max_timestamp_offset = segment.max_timestamp_offset;
  const int64_t bytes_since_entry = segment.bytes_since_entry;
  int64_t position = active_bytes_;
  batches_written_.clear();
  for (Work& item : group) {
    Status indexed = IndexBatches(segment, std::get<AppendRequest>(item), position);
    if (indexed.ok()) continue;
    segment.offset_index.TruncateToCount(offset_entries);
    segment.time_index.TruncateToCount(time_entries);
    segment.max_timestamp.store(max_timestamp, std::memory_order_relaxed);
    segment.max_timestamp_offset = max_timestamp_offset;
    segment.bytes_since_entry = bytes_since_entry;
    return indexed;
  }
  return Status::Ok();
}

// An append is one batch as a rule; a script may hand over several back to back.
Status Log::IndexBatches(Segment& segment, const AppendRequest& request, int64_t& position) {
  std::span<const std::byte> rest = request.bytes;
  while (!rest.empty()) {
    const auto batch = ParseBatchExtent(rest);
    if (!batch || batch->size > static_cast<int64_t>(rest.size()) || batch->first_offset < request.base_offset ||
        batch->last_offset >= request.end_offset) {
      return Status("append", EINVAL, segment.file->name());
    }
    Status indexed = segment.Index(*batch, position, options_.index_interval_bytes);
    if (!indexed.ok()) return indexed;
    position += batch->size;
    const int64_t recent = context_.Keep(rest.first(static_cast<size_t>(batch->size)));
    rest = rest.subspan(static_cast<size_t>(batch->size));
    batches_written_.push_back({{rest.empty() ? request.end_offset : batch->last_offset + 1, position}, recent});
  }
  return Status::Ok();
}

// One fdatasync covers the whole group and whatever was left unsynced in its segment before it.
Status Log::SyncIfDue(std::span<Work> group) {
  for (const Work& item : group) appended_records_ += std::get<AppendRequest>(item).record_count;
  if (appended_records_ - synced_records_ < options_.flush_messages) return Status::Ok();
  Status synced = SyncClosed();
  if (synced.ok()) synced = SyncSegment(active());
  if (synced.ok() && directory_synced_ != directory_changes_) {
    synced = context_.file_system.SyncDirectory(directory_);
    if (synced.ok()) directory_synced_ = directory_changes_;
  }
  if (synced.ok()) synced_records_ = appended_records_;
  return synced;
}

void Log::PublishGroup(std::span<Work> group, int64_t position) {
  repair_needed_ = false;
  const int64_t end_offset = std::get<AppendRequest>(group.back()).end_offset;
  active().file->Publish(position);
  if (synced_records_ == appended_records_) active().synced_bytes.store(position, std::memory_order_relaxed);
  {
    std::lock_guard lock(publish_mutex_);
    if (ring_.empty()) ring_.Push({end_offset_, active_bytes_});
    for (const auto& [end, recent] : batches_written_) ring_.Push(end, recent);
    active_bytes_ = position;
    end_offset_ = end_offset;
  }
  context_.listener.OnAppended(handle_, end_offset);
  for (Work& item : group) Settle(std::get<AppendRequest>(item), true);
}

void Log::Settle(AppendRequest& request, bool written) {
  request.owner.Reset();
  if (request.barrier != nullptr) std::exchange(request.barrier, nullptr)->Settle(written);
}

}  // namespace millrace
