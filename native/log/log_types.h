#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/append_barrier.h"
#include "base/frame_ref.h"
#include "base/status.h"
#include "log/cleaner/clean_types.h"
#include "log/small_files.h"

namespace millrace {

// The vocabulary of the log room, as the door of `src/native/engine.ts` names it.
// Offsets are logical, positions are bytes inside a `.log` file.

// A small integer naming an open log; reused after the log was closed.
using LogHandle = int32_t;

// The largest whole number the script has; as flush_messages: leave syncing to the system.
inline constexpr int64_t kNeverFlush = (int64_t{1} << 53) - 1;

struct LogOptions {
  int64_t segment_bytes = 1 << 30;
  int64_t segment_ms = std::numeric_limits<int64_t>::max();
  int32_t index_interval_bytes = 4096;
  int32_t segment_index_bytes = 10 << 20;
  // fdatasync before an append counts as written, every so many records; kNeverFlush and more mean never.
  int64_t flush_messages = kNeverFlush;
};

struct OpenOptions {
  LogOptions log;
  // Absolute path of the partition directory; created when missing, its parent must exist.
  std::string directory;
  int64_t log_start_offset = 0;
  // Segments that reach above this offset are scanned; the largest value after a clean stop.
  int64_t recovery_point = 0;
  // Compaction may have taken whatever is missing between two segments below this offset, and from a segment that
  // has gaps inside as well. Elsewhere in what is scanned a gap means that a crash did. 0: never compacted.
  int64_t compacted_below = 0;
  // Read before anything in the directory is changed.
  SmallFilesQuery small_files = {};
};

// What the headers of the segments say that were scanned at open.
struct ScannedTail {
  // Every batch from here on was looked at; -1 when the last segment was not scanned.
  int64_t from = -1;
  // None of them is of a producer with an id or of an old format, and `epochs` is complete.
  bool plain = true;
  struct Epoch {
    int32_t epoch;
    int64_t start_offset;
  };
  // Leader epochs in the order of the batches, each with the first offset it was seen at.
  std::vector<Epoch> epochs = {};
};

struct OpenedLog {
  LogHandle log = -1;
  int64_t log_start_offset = 0;
  int64_t log_end_offset = 0;
  int64_t segment_count = 0;
  int64_t size_bytes = 0;
  int64_t truncated_bytes = 0;
  int64_t recovered_segments = 0;
  SmallFiles small_files = {};
  // Files of the directory that are neither a log nor its two indexes.
  std::vector<std::string> other_files = {};
  ScannedTail scanned = {};
};

// One append of whole batches whose base offsets and leader epochs are already stamped.
struct AppendRequest {
  std::span<const std::byte> bytes;
  // Keeps `bytes` alive; dropped before the barrier is settled.
  FrameRef owner;
  int64_t base_offset = 0;
  int64_t end_offset = 0;
  int64_t max_timestamp = -1;
  int32_t record_count = 0;
  // Settled exactly once, on the lane (or at once on the caller's thread when the handle is stale). May be null.
  AppendBarrier* barrier = nullptr;
};

struct LookupQuery {
  int64_t offset = 0;
  // Nothing at or above this offset is returned.
  int64_t max_offset = 0;
  int32_t max_bytes = 0;
  // A first batch larger than max_bytes is returned whole.
  bool at_least_one_batch = false;
};

// Values are those of LookupStatus in engine.ts.
enum class LookupStatus : int32_t { Found = 0, Empty = 1, OutOfRange = 2, Failed = 3 };

struct LookupResult {
  LookupStatus status = LookupStatus::Failed;
  // Names the segment for LogStore::Segment, and the byte range of whole batches inside it.
  int64_t segment = -1;
  int64_t position = 0;
  int32_t length = 0;
  // No batch of the range reaches it. The offset after the last one, or a little more when finding that would have
  // cost a read.
  int64_t end_offset = -1;
};

struct SegmentInfo {
  int64_t base_offset = 0;
  int64_t size_bytes = 0;
  int64_t max_timestamp = -1;
  int64_t last_modified_ms = 0;
};

using ByteVector = std::vector<std::byte>;

// Records of an uncompressed batch are found here. Of a compressed batch only the batch is known: `offset` and
// `timestamp` are then those of the batch (first offset, largest timestamp) and `batch` holds a copy of it, in
// which the caller must look for the first record at or after the wanted timestamp.
struct TimestampHit {
  int64_t timestamp = -1;
  int64_t offset = -1;
  int32_t leader_epoch = -1;
  ByteVector batch;
};

struct CopyRequest {
  // Made by the first call, the same in all.
  std::string directory;
  // One call's share.
  int64_t bytes_max = 0;
  // All copies together.
  double bytes_per_second = 1e300;
};

// How far the copy of a log is.
struct CopyProgress {
  int64_t copied_bytes = 0;
  // Bytes of the log that the copy lacks.
  int64_t lag_bytes = 0;
  // Everything below is copied.
  int64_t end_offset = 0;
};

// What an asynchronous verb brings back besides its Status: Open an OpenedLog, FindTimestamp and
// FindMaxTimestamp a hit or nothing, ReadBytes and ReadHeaders bytes, Truncate the new log end offset,
// Clean its result, Copy its progress.
using Payload = std::variant<std::monostate, OpenedLog, std::optional<TimestampHit>, ByteVector, int64_t,
                             CleanResult, CopyProgress>;

}  // namespace millrace
