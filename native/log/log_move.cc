// A log changes its directory: the lane's part, which appends that come meanwhile wait for.
//
//   1  what the copy lacks is copied and synced; nothing is appended any more
//   2  the copy's directory gets its final name, and that is synced   a crash before leaves a copy nobody counts
//   3  the copy is opened and must end where the log does
//   4  readers see its segments; the old ones stay open for those who still use them, until Release
//
// A failure before step 4 leaves the log where it was and the copy under the name it had.

#include <cerrno>
#include <limits>
#include <string>
#include <utility>

#include "log/log.h"
#include "log/log_copy.h"
#include "log/recovery.h"

namespace millrace {
namespace {

std::string ParentOf(const std::string& directory) { return directory.substr(0, directory.rfind('/')); }

}  // namespace

Status Log::MoveTo(LogCopy& copy, const std::string& directory, Throttle& unlimited) {
  if (state_ != State::Working) return failure_.ok() ? Status("move", EBADF, directory_) : failure_;
  const auto copied = copy.Step(View(), std::numeric_limits<int64_t>::max(), {unlimited, cancellation_});
  if (!copied.ok()) return copied.status();
  FileSystem& files = context_.file_system;
  if (Status renamed = files.Rename(copy.directory(), directory); !renamed.ok()) return renamed;
  Status opened = files.SyncDirectory(ParentOf(directory));
  if (opened.ok()) opened = OpenMoved(directory);
  // Under its old name the copy is not taken for the log.
  if (!opened.ok()) (void)files.Rename(directory, copy.directory());
  return opened;
}

Status Log::OpenMoved(const std::string& directory) {
  auto found = RecoverLog(context_, {.directory = directory,
                                     .options = options_,
                                     .log_start_offset = start_offset_,
                                     .recovery_point = active().base_offset(),
                                     .compacted_below = std::numeric_limits<int64_t>::max()});
  if (!found.ok()) return found.status();
  RecoveredLog& log = found.value();
  const int64_t active_bytes = log.segments.back()->file->size();
  if (log.end_offset != end_offset_ || active_bytes != active_bytes_ || log.segments.size() != segments_->size()) {
    return Status("check moved log", EILSEQ, directory);
  }
  for (const auto& segment : log.segments) {
    segment->synced_bytes.store(segment->file->size());
    segment->created_ms = (*segments_)[static_cast<size_t>(&segment - log.segments.data())]->created_ms;
  }
  moved_from_ = segments_;
  {
    std::lock_guard lock(publish_mutex_);
    directory_ = directory;
    // A lookup made before must find its segment by the name it had.
    Retire(*moved_from_);
  }
  Publish({.segments = std::make_shared<const SegmentList>(std::move(log.segments)),
           .start_offset = start_offset_,
           .end_offset = end_offset_,
           .active_bytes = active_bytes});
  directory_synced_ = ++directory_changes_;
  synced_records_ = appended_records_;
  return Status::Ok();
}

}  // namespace millrace
