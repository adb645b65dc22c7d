#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"

namespace millrace {

// Small files, read and replaced as a whole. Any thread that may block.

// None when there is no such file.
Result<std::optional<std::vector<std::byte>>> ReadWholeFile(FileSystem& file_system, const std::string& path);

// Writes `path.tmp`, syncs it, gives it the name and syncs the directory: a crash leaves the old content or the new.
Status ReplaceFile(FileSystem& file_system, const std::string& path, std::span<const std::byte> content);

}  // namespace millrace
