#include "log/log_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/thread_name.h"
#include "log/cleaner/log_cleaner.h"
#include "log/executor.h"
#include "log/janitor.h"
#include "log/log.h"
#include "log/log_context.h"
#include "log/log_copy.h"
#include "log/recovery.h"

namespace millrace {
namespace {

// Sync threads: concurrent fdatasyncs share one journal commit, so a second one nearly doubles what a stop with
// many dirty partitions gets through.
constexpr int kSyncThreads = 2;
constexpr size_t kOpenFilesMin = 64;
constexpr int kRecoveryThreadsMax = 64;

size_t OpenFilesMax(int wanted) {
  if (wanted > 0) return static_cast<size_t>(wanted);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return 1 << 15;
  // Going round more files than are kept open opens one for every append; whoever lacks a descriptor is given way.
  return std::max<size_t>(limit.rlim_cur - limit.rlim_cur / 4, kOpenFilesMin);
}

Status Stale() { return Status("log handle", EBADF, ""); }

// Status and payload of a Result, as OnDone wants them.
template <typename T>
void Report(LogListener& listener, uint32_t ticket, Result<T> result) {
  if (result.ok()) {
    listener.OnDone(ticket, Status::Ok(), Payload(std::move(result).value()));
  } else {
    listener.OnDone(ticket, result.status(), {});
  }
}

}  // namespace

LogStore::LogStore(FileSystem& file_system, LogListener& listener, const LogStoreOptions& options)
    : listener_(listener),
      context_(new LogContext{.disk = file_system,
                              .listener = listener,
                              .open_files = ResourceCache(OpenFilesMax(options.open_files_max)),
                              .mappings = ResourceCache(static_cast<size_t>(std::max(options.mappings_max, 16))),
                              .recent = options.recent}),
      lanes_(std::make_unique<Executor>("log-lane", options.log_threads)),
      readers_(std::make_unique<Executor>("log-reader", 1)),
      syncers_(std::make_unique<Executor>("log-sync", kSyncThreads)),
      recoverers_(std::make_unique<Executor>("log-recovery", Executor::Growing{kRecoveryThreadsMax})),
      janitor_(std::make_unique<Janitor>(file_system)) {
  context_->lanes = lanes_.get();
  context_->readers = readers_.get();
  context_->syncers = syncers_.get();
  context_->janitor = janitor_.get();
}

LogStore::~LogStore() { Shutdown(); }

std::shared_ptr<Log> LogStore::Find(LogHandle log) {
  std::lock_guard lock(table_mutex_);
  if (log < 0 || static_cast<size_t>(log) >= table_.size()) return nullptr;
  return table_[static_cast<size_t>(log)];
}

std::shared_ptr<Log> LogStore::FindOrFail(LogHandle log, uint32_t ticket) {
  auto found = Find(log);
  if (found == nullptr) listener_.OnDone(ticket, Stale(), {});
  return found;
}

void LogStore::Forget(LogHandle log) {
  // The last reference may close files; not under the lock.
  std::shared_ptr<Log> forgotten;
  std::lock_guard lock(table_mutex_);
  forgotten = std::exchange(table_[static_cast<size_t>(log)], nullptr);
  free_handles_.push_back(log);
}

void LogStore::Open(uint32_t ticket, OpenOptions options) {
  // After a clean stop there is nothing to scan.
  Executor& opener = options.recovery_point < kCleanStop ? *recoverers_ : *lanes_;
  SmallFilesQuery small_files = std::move(options.small_files);
  std::shared_ptr<Log> log;
  {
    std::lock_guard lock(table_mutex_);
    LogHandle handle = static_cast<LogHandle>(table_.size());
    if (!free_handles_.empty()) {
      handle = free_handles_.back();
      free_handles_.pop_back();
    } else {
      table_.emplace_back();
    }
    log = std::make_shared<Log>(*context_, handle, std::move(options));
    table_[static_cast<size_t>(handle)] = log;
  }
  const bool idle = log->Claim([this, ticket, small_files = std::move(small_files)](Log& opening) {
    Result<OpenedLog> opened = opening.Open(small_files);
    if (!opened.ok()) Forget(opening.handle());
    Report(listener_, ticket, std::move(opened));
  });
  if (idle) opener.Submit(std::move(log));
}

void LogStore::Configure(LogHandle log, const LogOptions& options) {
  if (auto found = Find(log)) found->Queue([options](Log& l) { l.Configure(options); });
}

void LogStore::Append(LogHandle log, AppendRequest request) {
  if (auto found = Find(log)) return found->Queue(std::move(request));
  Refuse(std::move(request));
}

void LogStore::Refuse(AppendRequest request) {
  request.owner.Reset();
  if (request.barrier != nullptr) request.barrier->Settle(false);
}

void LogStore::Stage(LogHandle log, AppendRequest request) {
  auto found = Find(log);
  if (found == nullptr) return Refuse(std::move(request));
  if (found->Claim(std::move(request))) claimed_.push_back(std::move(found));
}

void LogStore::Dispatch() {
  if (claimed_.empty()) return;
  int64_t left = context_->pace.brisk() ? kDispatchBytesMax : 0;
  // Where thousands of logs have their turns nothing of one is in the processor's caches. Asked for together, what the
  // logs of this turn need arrives while others of it are waited for.
  for (int step = 0; step < Log::kFetchSteps && left > 0 && claimed_.size() > 1; ++step) {
    for (const auto& log : claimed_) log->Fetch(step);
  }
  for (auto& log : claimed_) {
    const int64_t written = left > 0 ? log->RunIfBrief(std::min(left, kBriefBytesMax)) : 0;
    left -= written;
    if (written == 0) lanes_->Submit(std::move(log));
    if (!context_->pace.brisk()) left = 0;
  }
  claimed_.clear();
}

void LogStore::Resume(LogHandle log) {
  if (auto found = Find(log)) found->Queue([](Log& l) { l.Resume(); });
}

LookupResult LogStore::Lookup(LogHandle log, const LookupQuery& query) {
  const auto found = Find(log);
  return found != nullptr ? found->Lookup(query) : LookupResult{};
}

void LogStore::FindTimestamp(LogHandle log, int64_t timestamp, int64_t max_offset, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  readers_->Submit([this, found = std::move(found), timestamp, max_offset, ticket] {
    Report(listener_, ticket, found->FindTimestamp(timestamp, max_offset));
  });
}

void LogStore::FindMaxTimestamp(LogHandle log, int64_t max_offset, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  readers_->Submit([this, found = std::move(found), max_offset, ticket] {
    Report(listener_, ticket, found->FindMaxTimestamp(max_offset));
  });
}

void LogStore::ReadBytes(LogHandle log, int64_t offset, int64_t max_offset, int32_t max_bytes, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  readers_->Submit([this, found = std::move(found), offset, max_offset, max_bytes, ticket] {
    Report(listener_, ticket, found->ReadBytes(offset, max_offset, max_bytes));
  });
}

void LogStore::ReadHeaders(LogHandle log, int64_t offset, int32_t batches_max, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  readers_->Submit([this, found = std::move(found), offset, batches_max, ticket] {
    Report(listener_, ticket, found->ReadHeaders(offset, batches_max));
  });
}

std::vector<SegmentInfo> LogStore::Segments(LogHandle log) {
  const auto found = Find(log);
  return found != nullptr ? found->Segments() : std::vector<SegmentInfo>();
}

void LogStore::Roll(LogHandle log, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  found->Queue([this, ticket](Log& l) { listener_.OnDone(ticket, l.Roll(), {}); });
}

void LogStore::Flush(LogHandle log, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  found->Queue([this, ticket](Log& l) {
    l.Flush([this, ticket](Status status) { listener_.OnDone(ticket, std::move(status), {}); });
  });
}

void LogStore::Truncate(LogHandle log, int64_t offset, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  found->Queue([this, ticket, offset](Log& l) { Report(listener_, ticket, l.TruncateTo(offset)); });
}

void LogStore::AdvanceStart(LogHandle log, int64_t offset, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  found->Queue([this, ticket, offset](Log& l) { listener_.OnDone(ticket, l.AdvanceStart(offset), {}); });
}

void LogStore::Close(LogHandle log, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  found->cancellation().Cancel();
  copies_.erase(log);
  found->Queue([this, ticket](Log& l) {
    Status closed = l.Close();
    // A second Close that was queued meanwhile must not free the handle twice.
    if (closed.ok() || closed.error() != EBADF) Forget(l.handle());
    listener_.OnDone(ticket, std::move(closed), {});
  });
}

void LogStore::Clean(LogHandle log, CleanRequest request, Transcoder* transcoder, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  JoinWorkers(false);
  if (!found->BeginCleaning()) {
    listener_.OnDone(ticket, Status("clean", EBUSY, found->directory()), {});
    return;
  }
  Start("log-cleaner", [this, found = std::move(found), request = std::move(request), transcoder, ticket] {
    CleanResult result = LogCleaner(found, request, transcoder, throttle_).Run();
    found->EndCleaning();
    listener_.OnDone(ticket, Status::Ok(), Payload(std::move(result)));
  });
}

void LogStore::Copy(LogHandle log, CopyRequest request, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  JoinWorkers(false);
  std::shared_ptr<LogCopy>& copy = copies_[log];
  if (copy == nullptr) {
    if (!found->BeginCleaning()) {
      copies_.erase(log);
      listener_.OnDone(ticket, Status("copy", EBUSY, found->directory()), {});
      return;
    }
    copy = std::make_shared<LogCopy>(*context_, std::move(request.directory));
  }
  Start("log-copier", [this, found = std::move(found), copy, request = std::move(request), ticket] {
    copy_throttle_.SetRate(request.bytes_per_second);
    Report(listener_, ticket, copy->Step(found->View(), request.bytes_max, {copy_throttle_, found->cancellation()}));
  });
}

void LogStore::Move(LogHandle log, std::string directory, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  const auto copy = copies_.find(log);
  if (copy == copies_.end()) {
    listener_.OnDone(ticket, Status("move", EINVAL, directory), {});
    return;
  }
  found->Queue([this, ticket, copy = copy->second, directory = std::move(directory)](Log& l) {
    listener_.OnDone(ticket, l.MoveTo(*copy, directory, unlimited_), {});
  });
}

void LogStore::EndMove(LogHandle log, uint32_t ticket) {
  auto found = FindOrFail(log, ticket);
  if (found == nullptr) return;
  if (copies_.erase(log) > 0) found->EndCleaning();
  found->Queue([this, ticket](Log& l) {
    l.ReleaseMoved();
    listener_.OnDone(ticket, Status::Ok(), {});
  });
}

void LogStore::Start(const char* name, std::function<void()> work) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  std::thread thread([name, work = std::move(work), done] {
    NameThread(name);
    work();
    done->store(true);
  });
  workers_.push_back({std::move(thread), std::move(done)});
}

void LogStore::JoinWorkers(bool all) {
  std::erase_if(workers_, [all](Worker& worker) {
    if (!all && !worker.done->load()) return false;
    worker.thread.join();
    return true;
  });
}

SegmentRange LogStore::Range(LogHandle log, int64_t id, int64_t position, int64_t length) {
  const auto found = Find(log);
  return found != nullptr ? found->FindRange(id, position, length) : SegmentRange();
}

bool LogStore::MakeRoom() { return context_->open_files.GiveWay(); }

void LogStore::Shutdown() {
  if (std::exchange(stopped_, true)) return;
  readers_->Finish();
  recoverers_->Finish();
  std::vector<std::shared_ptr<Log>> open;
  {
    std::lock_guard lock(table_mutex_);
    open = std::exchange(table_, {});
    free_handles_.clear();
  }
  for (const auto& log : open) {
    if (log != nullptr) log->cancellation().Cancel();
  }
  // They wait for lanes, never the other way round.
  JoinWorkers(true);
  for (const auto& log : open) {
    if (log != nullptr) log->Queue([](Log& l) { (void)l.Close(); });
  }
  open.clear();
  // Syncs still running report back to their lane, so lanes must outlive them; the closes above queue no syncs.
  lanes_->Drain();
  syncers_->Finish();
  lanes_->Finish();
  janitor_.reset();
}

}  // namespace millrace
