#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"

namespace millrace {

// Whose last batch must stay, emptied if need be, so that the sequence that comes next can be told from the log.
struct ActiveProducer {
  int64_t producer_id;
  // Last offset of its newest batch; -1 when only a marker is known, which then stays instead.
  int64_t last_data_offset;
  int16_t epoch;
};

// As in `.txnindex`.
struct AbortedSpan {
  int64_t producer_id;
  int64_t first_offset;
  int64_t last_offset;  // The marker's.
  int64_t last_stable_offset;
};

struct CleanRequest {
  // Keys are looked at from here on; everything from the start of the log on is copied.
  int64_t first_dirty_offset = 0;
  // A segment boundary at or below the last stable offset.
  int64_t first_uncleanable_offset = 0;
  int64_t now_ms = 0;
  int64_t delete_retention_ms = 0;
  // Limits of the segments that are written.
  int64_t segment_bytes = 1 << 30;
  int32_t segment_index_bytes = 10 << 20;
  int32_t index_interval_bytes = 4096;
  // Memory for the keys of one round, and how full it may get.
  int64_t map_bytes = 128 << 20;
  double load_factor = 0.9;
  int64_t buffer_bytes = 512 << 10;
  // Bytes read and written per second by all cleaners together.
  double bytes_per_second = 1e300;
  std::vector<ActiveProducer> producers;
  // Every aborted transaction that began below first_uncleanable_offset.
  std::vector<AbortedSpan> aborted;
};

struct CleanResult {
  // Not ok when the round ended early; what was swapped by then stays and is reported below.
  Status status;
  // The log is clean up to here; valid when the round was finished.
  int64_t end_offset = 0;
  int64_t bytes_read = 0;
  int64_t bytes_before = 0;
  int64_t bytes_written = 0;
  int64_t records_read = 0;
  int64_t records_kept = 0;
  // Records without a key, which no client can have written under this policy.
  int64_t records_invalid = 0;
  int64_t map_entries = 0;
  int64_t map_entries_max = 0;
  int64_t index_ms = 0;
  int64_t copy_ms = 0;
  // Base offsets of segments that were merged into the one before.
  std::vector<double> removed_segments;
  // Markers of aborted transactions of which nothing is left but the marker: readers need them no more.
  std::vector<double> dropped_markers;
};

}  // namespace millrace
