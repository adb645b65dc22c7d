#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "log/cleaner/cancellation.h"
#include "log/executor.h"
#include "log/log_context.h"
#include "log/log_types.h"
#include "log/segment.h"
#include "log/tail_ring.h"

namespace millrace {

class LogCopy;
class Throttle;

using SegmentList = std::vector<std::shared_ptr<Segment>>;

// What a reader sees: a consistent set of segments and the bytes that exist in them.
struct LogView {
  std::shared_ptr<const SegmentList> segments;
  int64_t start_offset = 0;
  int64_t end_offset = 0;
  // Published bytes of the last segment; of every other its whole size counts.
  int64_t active_bytes = 0;
  // How often the log was truncated: a segment of the view may since hold other records.
  int64_t truncations = 0;

  int64_t BytesOf(size_t i) const {
    return i + 1 == segments->size() ? active_bytes : (*segments)[i]->file->size();
  }
  // The offset behind everything in the segment.
  int64_t EndOf(size_t i) const {
    return i + 1 == segments->size() ? end_offset : (*segments)[i + 1]->base_offset();
  }
  // The segment that must hold the offset, or the one before its gap.
  size_t IndexOf(int64_t offset) const;
};

// One partition log.
//
// Lane: work is queued in call order and one worker at a time drains it, so lane members need no lock. Every
// change is written first and published after, under publish_mutex_; bytes past the published position do not
// exist for anyone else. Lock order: queue_mutex_, publish_mutex_, then those of the files; none of the first
// two is held across a system call.
//
// States of the lane: Working, Failed (a write failed, everything past the published end was or must be cut,
// appends are refused until Resume repairs it), Lost (fdatasync failed: the kernel may have dropped the dirty
// pages, so no later success can be trusted; appends are refused for good), Closed.
class Log final : public Runnable, public std::enable_shared_from_this<Log> {
 public:
  using Control = std::function<void(Log&)>;
  struct Cleaned {
    std::shared_ptr<Segment> segment;
    int64_t truncations;
  };

  Log(LogContext& context, LogHandle handle, OpenOptions options);

  LogHandle handle() const { return handle_; }
  LogContext& context() { return context_; }
  // Any thread; the lane alone may change it.
  std::string directory() const {
    std::lock_guard lock(publish_mutex_);
    return directory_;
  }
  // Tells a cleaner that the log is being closed.
  Cancellation& cancellation() { return cancellation_; }
  // False while somebody cleans or moves the log already.
  bool BeginCleaning() { return !cleaning_.exchange(true); }
  void EndCleaning() { cleaning_.store(false); }

  // Main thread: queues work for the lane, in order.
  void Queue(AppendRequest request);
  void Queue(Control control);
  // Main thread: queues an append. True when the lane was idle: it is now the caller's, who runs it or submits it.
  [[nodiscard]] bool Claim(AppendRequest request);
  [[nodiscard]] bool Claim(Control control) { return Enqueue(Work(std::move(control))); }
  // Whoever claimed the lane: runs it when everything queued is appends that one write of at most `bytes_max` takes,
  // without a roll, a sync or an open. Returns the bytes written; 0 when the lane must still be submitted.
  int64_t RunIfBrief(int64_t bytes_max);
  // Whoever claimed the lane: has the processor fetch what RunIfBrief goes by, one link of the chain with each step.
  static constexpr int kFetchSteps = 5;
  void Fetch(int step) const;
  // A worker, or whoever claimed the lane: takes everything queued, does it, and queues itself again when more came.
  void Run() override;

  // Any thread.
  LogView View() const;
  LookupResult Lookup(const LookupQuery& query) const;
  // By the id that Lookup gave, also for a while after compaction has replaced the segment.
  std::shared_ptr<const SegmentFile> FindSegment(int64_t id) const;
  // The same for a range of it that Lookup gave.
  SegmentRange FindRange(int64_t id, int64_t position, int64_t length) const;
  std::vector<SegmentInfo> Segments() const;
  Result<std::optional<TimestampHit>> FindTimestamp(int64_t timestamp, int64_t max_offset) const;
  Result<std::optional<TimestampHit>> FindMaxTimestamp(int64_t max_offset) const;
  Result<ByteVector> ReadBytes(int64_t offset, int64_t max_offset, int32_t max_bytes) const;
  Result<ByteVector> ReadHeaders(int64_t offset, int32_t batches_max) const;

  // Lane, from Control.
  Result<OpenedLog> Open(const SmallFilesQuery& small_files);
  void Configure(const LogOptions& options);
  void Resume();
  Status Roll();
  void Flush(std::function<void(Status)> done);
  Result<int64_t> TruncateTo(int64_t offset);
  Status AdvanceStart(int64_t offset);
  // The steps of log_replace.cc, which put `cleaned` in the place of `sources`, neighbours of one view taken after
  // `truncations`. The cleaner syncs the directory after each. When the log has changed there since, or fails, the
  // first two change nothing and `cleaned` is the caller's.
  Status OfferSegment(const SegmentList& sources, const Cleaned& cleaned);
  Status TakeSegment(const SegmentList& sources, const Cleaned& cleaned);
  // `synced`: how the sync before it went.
  Status NameSegment(const Cleaned& cleaned, Status synced);
  // Continues in `directory` with the copy, which holds everything that was appended before; see log_move.cc.
  Status MoveTo(LogCopy& copy, const std::string& directory, Throttle& unlimited);
  // After MoveTo: the files in the old directory are not used any more.
  void ReleaseMoved() { moved_from_.reset(); }
  Status Close();

 private:
  using Work = std::variant<AppendRequest, Control>;
  enum class State { Working, Failed, Lost, Closed };

  bool Enqueue(Work work);

  // log_append.cc
  int64_t BriefBytes();
  void AppendAll(std::span<Work> work);
  size_t WriteGroup(std::span<Work> work);
  // The longest prefix that fits the active segment and one system call.
  struct Group {
    size_t count = 0;
    int64_t bytes = 0;
  };
  Group GroupOf(std::span<Work> work) const;
  // The active segment as it will be when the appends before the one in question are written.
  struct Staged {
    int64_t bytes;
    int64_t first_timestamp;
    int64_t entries;  // Index entries those appends may add at most.
  };
  bool ShouldRoll(const Segment& segment, const AppendRequest& request, const Staged& staged) const;
  Status LoadFirstTimestamp(Segment& segment);
  Status WriteAndIndex(std::span<Work> group);
  Status IndexBatches(Segment& segment, const AppendRequest& request, int64_t& position);
  Status SyncIfDue(std::span<Work> group);
  void PublishGroup(std::span<Work> group, int64_t position);
  static void Settle(AppendRequest& request, bool written);

  // log_lane.cc
  Segment& active() { return *segments_->back(); }
  Status StartSegment(int64_t base_offset);
  // A descriptor that could not be had says nothing about the data; a failed sync does.
  static bool IsSyncFailure(const Status& status);
  Status SyncSegment(Segment& segment);
  Status SyncClosed();
  struct Synced {
    int64_t records;
    uint64_t directory_changes;
  };
  void Flushed(const Status& status, const Synced& synced);
  void Fail(Status status);
  Status Repair();
  Status CutActive(int64_t offset);
  struct Published {
    std::shared_ptr<const SegmentList> segments;
    int64_t start_offset;
    int64_t end_offset;
    int64_t active_bytes;
  };
  void Publish(Published next);
  Status Discard(std::span<const std::shared_ptr<Segment>> removed);

  // Any thread. A search went wrong: when it is the index that lies, its rebuild is queued. Returns the status.
  Status Doubt(const Segment& segment, const IndexFile& index, Status status) const;
  void Reindex(int64_t base_offset);

  // log_replace.cc
  Result<size_t> PlaceOf(const SegmentList& sources, int64_t truncations) const;
  // publish_mutex_ held.
  void Retire(const SegmentList& sources);

  // log_move.cc
  Status OpenMoved(const std::string& directory);

  // log_lookup.cc
  struct Located {
    int64_t position;
    std::optional<BatchExtent> extent;
  };
  Result<std::optional<Located>> Locate(const Segment& segment, int64_t offset, int64_t limit) const;
  LookupResult LookupInFiles(const LogView& view, const LookupQuery& query) const;
  Status EndRange(const Segment& segment, const Located& start, int64_t limit, const LookupQuery& query,
                  LookupResult& result) const;

  // log_timestamps.cc
  struct TimestampQuery {
    int64_t timestamp;
    int64_t start_offset;
    int64_t max_offset;
  };
  Result<std::optional<TimestampHit>> SearchSegment(const LogView& view, size_t i, const TimestampQuery& query) const;
  Result<std::optional<TimestampHit>> HitInBatch(const Segment& segment, const BatchExtent& extent, int64_t position,
                                                 const TimestampQuery& query) const;
  Result<int64_t> MaxTimestampBelow(const LogView& view, size_t i, int64_t max_offset) const;
  Result<ByteVector> ReadRange(const SegmentFile& file, int64_t position, int64_t length) const;

  LogContext& context_;
  const LogHandle handle_;
  std::string directory_;  // Guarded by publish_mutex_ for other threads.
  const int64_t recovery_point_;
  const int64_t compacted_below_;

  std::mutex queue_mutex_;
  std::vector<Work> queue_;  // Guarded by queue_mutex_.
  bool scheduled_ = false;   // Guarded by queue_mutex_.

  mutable std::mutex publish_mutex_;
  // Guarded by publish_mutex_ for other threads; only the lane changes them.
  std::shared_ptr<const SegmentList> segments_;
  int64_t start_offset_ = 0;
  int64_t end_offset_ = 0;
  int64_t active_bytes_ = 0;
  int64_t truncations_ = 0;
  TailRing ring_;
  // Replaced segments that a reply may still be about to be sent from; the janitor keeps them a while.
  std::vector<std::weak_ptr<const SegmentFile>> retired_;

  // Lane only.
  std::vector<Work> working_;
  struct Written {
    TailRing::End end;
    int64_t recent;
  };
  std::vector<Written> batches_written_;
  LogOptions options_;
  State state_ = State::Working;
  Status failure_;
  bool repair_needed_ = false;  // Bytes past active_bytes_ may be in the file.
  bool sync_failed_ = false;
  // Closed segments may have bytes that were appended, or found, while appends were not synced.
  bool closed_unsynced_ = true;
  std::shared_ptr<const SegmentList> moved_from_;
  // Counted, since a sync that is under way covers what happened before it began and nothing later.
  uint64_t directory_changes_ = 0;
  uint64_t directory_synced_ = 0;
  int64_t appended_records_ = 0;
  int64_t synced_records_ = 0;
  int64_t last_cleaned_id_ = 0;

  Cancellation cancellation_;
  std::atomic<bool> cleaning_{false};
};

}  // namespace millrace
