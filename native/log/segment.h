#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "codec/batch_header.h"
#include "log/log_types.h"
#include "log/offset_index.h"
#include "log/segment_file.h"
#include "log/time_index.h"

namespace millrace {

struct LogContext;

// One segment: the `.log` file, its two indexes and what the roll rules need to know about it.
// The lane of the log changes it. Other threads read the file and indexes as those allow, and the atomics.
class Segment {
 public:
  // `suffix` stands behind the name of each file: `.cleaned` while compaction makes the segment.
  Segment(LogContext& context, const std::string& directory, int64_t base_offset, int64_t size,
          const char* suffix = "");

  int64_t base_offset() const { return file->base_offset(); }

  // Creates the `.log` empty, whatever was there.
  Status Create(LogContext& context);
  // Grows the indexes to their limit when `bytes` more may bring the first entry: a partition that holds less than
  // one index interval needs no index files.
  Status PrepareIndexes(const LogOptions& options, int64_t bytes);
  // PrepareIndexes would have nothing to do.
  bool IndexesReadyFor(const LogOptions& options, int64_t bytes) const;
  // Extends the indexes by one written batch that starts at `position`.
  Status Index(const BatchExtent& batch, int64_t position, int32_t index_interval_bytes);
  // The entry that the time index owes at roll and close, then the trim of both.
  Status SealIndexes();
  // EILSEQ when an index is missing or impossible.
  Status LoadIndexes();
  // Closes what is open of it until it is needed again. Before anybody else knows the segment.
  void Rest();
  // Gives all files of the segment another suffix; the first failure is returned, the rest is tried anyway.
  Status Resuffix(FileSystem& file_system, const char* suffix);
  bool suffixed() const { return !suffix_.empty(); }
  bool swapping() const { return suffix_ == ".swap"; }
  Status MarkDeleted(FileSystem& file_system) { return Resuffix(file_system, ".deleted"); }
  // Unlinks the files under the names they have now. The last owner.
  void Unlink(FileSystem& file_system);
  // Whoever makes the segment, or its lane.
  std::string txn_index_path() const { return stem_ + ".txnindex" + suffix_; }

  const std::shared_ptr<SegmentFile> file;
  OffsetIndex offset_index;
  TimeIndex time_index;

  // Largest timestamp of published batches, -1 when none carries one.
  std::atomic<int64_t> max_timestamp{-1};
  // Bytes known to be on the device, and whether the indexes of a closed segment are.
  std::atomic<int64_t> synced_bytes{0};
  std::atomic<bool> indexes_synced{false};

  // Lane only.
  int64_t max_timestamp_offset = -1;
  int64_t bytes_since_entry = 0;
  // Largest timestamp of the first batch; kUnknown until it is needed.
  static constexpr int64_t kUnknown = INT64_MIN;
  int64_t first_timestamp = kUnknown;
  int64_t created_ms = 0;

 private:
  const std::string stem_;  // "/dir/00000000000000000042"
  // Handed on with the segment: its maker, the lane, the janitor.
  std::string suffix_;
};

// "/dir/00000000000000000042.log"
std::string SegmentPath(const std::string& directory, int64_t base_offset, const char* extension);

}  // namespace millrace
