#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"

namespace millrace {

// Small files beside a log that whoever opens it will want next: to read them here costs a fraction of asking for each.
struct SmallFilesQuery {
  std::vector<std::string> names = {};
  // What the first of them must say where it exists; else the directory is somebody else's.
  std::optional<std::string> expected = {};
};

// By query; none where the file is missing, or so large that it must be read in another way.
using SmallFiles = std::vector<std::optional<std::string>>;

// EEXIST when the directory is somebody else's. Any thread.
Result<SmallFiles> ReadSmallFiles(FileSystem& file_system, const std::string& directory,
                                  const SmallFilesQuery& query);

}  // namespace millrace
