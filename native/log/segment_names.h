#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"

namespace millrace {

struct SettledNames {
  // Base offsets of the `.log` files that are to be used, ascending.
  std::vector<int64_t> bases;
  // Every other file but the two indexes of each.
  std::vector<std::string> others;
  bool changed = false;
};

// What a directory holds after leftovers of deletion and compaction were dropped or finished as the table in recovery.h
// says.
Result<SettledNames> SettleSegmentNames(FileSystem& file_system, const std::string& directory);

}  // namespace millrace
