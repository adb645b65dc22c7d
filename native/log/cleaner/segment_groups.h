#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "log/segment.h"

namespace millrace {

// One closed segment to be cleaned and the offset behind it.
struct CleanSource {
  std::shared_ptr<Segment> segment;
  int64_t end_offset;
};

struct GroupLimits {
  int64_t segment_bytes;
  int64_t segment_index_bytes;
};

// Neighbours that fit one segment together, by bytes, index sizes and the reach of an offset delta; so that
// segments that shrank do not become ever more numerous.
std::vector<std::vector<CleanSource>> GroupSegments(const std::vector<CleanSource>& sources, const GroupLimits& limits);

}  // namespace millrace
