#include "log/cleaner/segment_groups.h"

namespace millrace {
namespace {

int64_t OffsetIndexBytes(const Segment& segment) {
  return segment.offset_index.count() * static_cast<int64_t>(OffsetIndex::kEntrySize);
}
int64_t TimeIndexBytes(const Segment& segment) {
  return segment.time_index.count() * static_cast<int64_t>(TimeIndex::kEntrySize);
}

}  // namespace

std::vector<std::vector<CleanSource>> GroupSegments(const std::vector<CleanSource>& sources,
                                                    const GroupLimits& limits) {
  std::vector<std::vector<CleanSource>> groups;
  int64_t bytes = 0;
  int64_t offset_index_bytes = 0;
  int64_t time_index_bytes = 0;
  for (const CleanSource& source : sources) {
    const Segment& segment = *source.segment;
    const int64_t size = segment.file->size();
    const bool fits =
        !groups.empty() && bytes + size <= limits.segment_bytes &&
        offset_index_bytes + OffsetIndexBytes(segment) <= limits.segment_index_bytes &&
        time_index_bytes + TimeIndexBytes(segment) <= limits.segment_index_bytes &&
        (size == 0 || source.end_offset - 1 - groups.back().front().segment->base_offset() <= INT32_MAX);
    if (!fits) {
      groups.emplace_back();
      bytes = offset_index_bytes = time_index_bytes = 0;
    }
    groups.back().push_back(source);
    bytes += size;
    offset_index_bytes += OffsetIndexBytes(segment);
    time_index_bytes += TimeIndexBytes(segment);
  }
  return groups;
}

}  // namespace millrace
