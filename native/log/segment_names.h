#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"

namespace millrace {

// Base offsets of the `.log` files that are to be used, ascending, after leftovers of deletion and compaction
// were dropped or finished as the table in recovery.h says.
Result<std::vector<int64_t>> SettleSegmentNames(FileSystem& file_system, const std::string& directory, bool& changed);

}  // namespace millrace
