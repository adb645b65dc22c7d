#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "io/file_system.h"
#include "io/recent_bytes.h"
#include "log/cleaner/throttle.h"
#include "log/cleaner/transcoder.h"
#include "log/log_listener.h"
#include "log/log_types.h"
#include "log/segment_file.h"

namespace millrace {

class Executor;
class Janitor;
class Log;
class LogCopy;
struct LogContext;

struct LogStoreOptions {
  // Workers that drain the lanes; a worker blocked in fdatasync serves no other log meanwhile.
  int log_threads = 1;
  // Descriptors kept open for `.log` files; beyond it the least recently used are closed and reopened on demand.
  // 0 takes three quarters of RLIMIT_NOFILE.
  int open_files_max = 0;
  // Index mappings kept; the same rule. Linux allows 65,530 mappings per process.
  int mappings_max = 32'000;
  // Where small batches are kept for readers at the tail; outlives the store. Null keeps none.
  RecentBytes* recent = nullptr;
};

// Owns every open partition log, the workers their lanes run on, a reader thread, sync threads, cleaners and a janitor.
//
// Threads: verbs are called on the main thread; Range may be called on any thread. Append, Configure, Resume,
// Roll, Truncate, AdvanceStart, Flush and Close of one log take effect in call order on that log's lane.
// Lookup and Segments answer at once from published state. FindTimestamp, FindMaxTimestamp, ReadBytes and
// ReadHeaders run on the reader thread, see what was published when they run, and never delay an append.
//
// A verb with a ticket ends in exactly one OnDone, with EBADF when the handle is stale.
class LogStore {
 public:
  LogStore(FileSystem& file_system, LogListener& listener, const LogStoreOptions& options);
  // As Shutdown.
  ~LogStore();
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  void Open(uint32_t ticket, OpenOptions options);
  void Configure(LogHandle log, const LogOptions& options);
  void Append(LogHandle log, AppendRequest request);
  // Append for a caller that makes many: lanes start with Dispatch, which must follow in the same turn. What is short
  // is then written by the caller itself: handing a small write to a lane costs more than the write.
  void Stage(LogHandle log, AppendRequest request);
  void Dispatch();
  // Appends are accepted again after OnLogFailed, in order after every earlier refused one. When the log cannot
  // be repaired (a failed fdatasync never can) OnLogFailed is reported again.
  void Resume(LogHandle log);
  LookupResult Lookup(LogHandle log, const LookupQuery& query);
  void FindTimestamp(LogHandle log, int64_t timestamp, int64_t max_offset, uint32_t ticket);
  void FindMaxTimestamp(LogHandle log, int64_t max_offset, uint32_t ticket);
  // Whole batches of one segment from `offset`, at least one; empty at the end of the log.
  void ReadBytes(LogHandle log, int64_t offset, int64_t max_offset, int32_t max_bytes, uint32_t ticket);
  // The 61-byte headers of up to batches_max batches from `offset`, back to back.
  void ReadHeaders(LogHandle log, int64_t offset, int32_t batches_max, uint32_t ticket);
  std::vector<SegmentInfo> Segments(LogHandle log);
  void Roll(LogHandle log, uint32_t ticket);
  // Done when everything appended before the call survives a power cut.
  void Flush(LogHandle log, uint32_t ticket);
  void Truncate(LogHandle log, int64_t offset, uint32_t ticket);
  void AdvanceStart(LogHandle log, int64_t offset, uint32_t ticket);
  void Close(LogHandle log, uint32_t ticket);
  // One round of compaction on a thread of its own; the script bounds how many run at once. EBUSY when one of this
  // log runs already. The transcoder outlives the round.
  void Clean(LogHandle log, CleanRequest request, Transcoder* transcoder, uint32_t ticket);

  // A move to another directory: Copy again and again, on a thread of its own, then Move, then EndMove. EBUSY while
  // the log is being cleaned; until EndMove it is not. The caller waits for each before the next.
  void Copy(LogHandle log, CopyRequest request, uint32_t ticket);
  // Appends wait meanwhile. Everything is in `directory` when it succeeds, else the log stays where it is.
  void Move(LogHandle log, std::string directory, uint32_t ticket);
  // After Move, or instead of it: the copy is forgotten, its files are the caller's.
  void EndMove(LogHandle log, uint32_t ticket);

  // The segment that Lookup named, or null, and where the bytes of the range are kept in memory. Holding the segment
  // keeps its bytes readable after AdvanceStart or Truncate removed its name; SegmentFile::Acquire yields the
  // descriptor to send from.
  SegmentRange Range(LogHandle log, int64_t id, int64_t position, int64_t length);

  // Any thread: closes files that are only kept at hand, for somebody who met the limit of descriptors. False when
  // there are none.
  bool MakeRoom();

  // Closes every open log cleanly after its queued work, then joins every thread. No verb may follow.
  void Shutdown();

 private:
  // One write by the caller, and all writes of one Dispatch: what a turn of the main thread may take.
  static constexpr int64_t kBriefBytesMax = 256 << 10;
  static constexpr int64_t kDispatchBytesMax = 1 << 20;

  std::shared_ptr<Log> Find(LogHandle log);
  void Refuse(AppendRequest request);
  std::shared_ptr<Log> FindOrFail(LogHandle log, uint32_t ticket);
  void Forget(LogHandle log);
  // Long work gets a thread of its own.
  void Start(const char* name, std::function<void()> work);
  // Joins those that are done, or all of them.
  void JoinWorkers(bool all);

  LogListener& listener_;
  std::unique_ptr<LogContext> context_;
  std::unique_ptr<Executor> lanes_;
  std::unique_ptr<Executor> readers_;
  std::unique_ptr<Executor> syncers_;
  // Logs that were not closed cleanly are scanned here, several at once; the caller bounds how many.
  std::unique_ptr<Executor> recoverers_;
  std::unique_ptr<Janitor> janitor_;

  struct Worker {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  // Main thread, or the one that shuts down.
  std::vector<Worker> workers_;
  Throttle throttle_;
  Throttle copy_throttle_;
  Throttle unlimited_;

  // Main thread: logs that are being moved.
  std::unordered_map<LogHandle, std::shared_ptr<LogCopy>> copies_;

  // Main thread: logs whose lanes Stage claimed.
  std::vector<std::shared_ptr<Log>> claimed_;

  // Guards the table only; never held while a log works.
  std::mutex table_mutex_;
  std::vector<std::shared_ptr<Log>> table_;
  std::vector<LogHandle> free_handles_;
  bool stopped_ = false;
};

}  // namespace millrace
