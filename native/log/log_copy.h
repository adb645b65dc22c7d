#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "log/cleaner/cancellation.h"
#include "log/cleaner/throttle.h"
#include "log/log_types.h"

namespace millrace {

struct LogContext;
struct LogView;
class Segment;

// Where a copier may spend its time, and what tells it to stop.
struct CopyPace {
  Throttle& throttle;
  const Cancellation& cancelled;
};

// The copy of a log that is to take its place in another directory: its segments, byte for byte, with the indexes of
// closed ones. What was copied is on the device when a step returns. Transaction indexes, snapshots and checkpoints
// are the script's.
//
// One thread at a time: a step's own thread, then the lane for the last one. A segment that compaction replaced or a
// log that was truncated ends the copy with ECANCELED; segments that retention removed are removed from it too.
class LogCopy {
 public:
  LogCopy(LogContext& context, std::string directory);

  const std::string& directory() const { return directory_; }
  // Copies at most `bytes_max` of what the view has and the copy has not.
  Result<CopyProgress> Step(const LogView& view, int64_t bytes_max, const CopyPace& pace);

 private:
  struct Copied {
    int64_t base_offset;
    int64_t id;
    int64_t bytes = 0;
    bool complete = false;  // Closed, and its indexes are here as well.
  };

  Status Begin(const LogView& view);
  // Forgets what the log has no more, and makes room for what it has gained.
  Status FollowSegments(const LogView& view);
  Status CopyBytes(const Segment& segment, Copied& copied, int64_t limit, const CopyPace& pace);
  Status CopyIndexes(const Segment& segment);
  Status CopyFile(const std::string& from, const std::string& to);
  CopyProgress ProgressOf(const LogView& view) const;
  std::string PathOf(int64_t base_offset, const char* extension) const;

  LogContext& context_;
  const std::string directory_;
  bool begun_ = false;
  int64_t truncations_ = 0;
  std::vector<Copied> segments_;  // As in the view that was followed last.
  std::vector<std::byte> buffer_;
};

}  // namespace millrace
