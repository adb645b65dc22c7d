#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "log/log_types.h"
#include "log/segment.h"

namespace millrace {

struct LogContext;

struct RecoveryOptions {
  const std::string& directory;
  const LogOptions& options;
  int64_t log_start_offset;
  int64_t recovery_point;
  int64_t compacted_below;
};

struct RecoveredLog {
  // At least one; the last is the active one. Its indexes are not prepared until the first append.
  std::vector<std::shared_ptr<Segment>> segments;
  int64_t end_offset = 0;
  int64_t truncated_bytes = 0;
  int64_t recovered_segments = 0;
  bool directory_changed = false;
  // Files of the directory that are neither a log nor its two indexes.
  std::vector<std::string> other_files;
  ScannedTail scanned;
};

// The recovery point of a clean stop: JavaScript's largest safe integer, or anything above.
inline constexpr int64_t kCleanStop = (int64_t{1} << 53) - 1;

// Brings a partition directory into a state that can be appended to. Runs on the log's lane, before anybody
// else knows the log.
//
//   .swap at or above the lowest .cleaned   dropped: the compaction that made it never finished
//   .deleted, .cleaned           dropped, after those
//   other .swap                  segments in [lowest swap, end of the highest swap) dropped, then renamed in place
//   index without .log           dropped
//   segment wholly below the log start   dropped
//   closed segment below the recovery point   trusted when both indexes are sane, otherwise scanned and re-indexed
//   segment reaching above it    scanned batch by batch; a torn or damaged tail is cut and every later segment dropped,
//                                as is what follows a gap, unless compaction may have made it: below what it is
//                                known to have reached, or behind a segment of a compacted log with gaps inside
//   last segment, clean stop     batches from its last index entry on must be whole and end exactly at its size,
//                                otherwise scanned
//   log end below the log start, or no segment   an empty segment at the log start
Result<RecoveredLog> RecoverLog(LogContext& context, const RecoveryOptions& recovery);

struct Reindexing {
  const LogOptions& options;
  int64_t bytes;
  bool closed;
};

// Makes both indexes anew from the headers of the first `bytes`, as far as they can be read. Lane; others may
// search meanwhile and find fewer entries.
Status ReindexSegment(LogContext& context, Segment& segment, const Reindexing& reindexing);

// Walks the headers behind the last offset index entry up to `bytes` and restores what the append path keeps
// about the segment: largest timestamp and bytes since the last entry. Sets `end_offset` when asked and there is
// any batch. EILSEQ when the bytes do not end at a batch boundary.
Status ReloadTail(FileSystem& file_system, Segment& segment, int64_t bytes, int64_t* end_offset);

}  // namespace millrace
