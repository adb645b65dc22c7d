#include "log/small_files.h"

#include <fcntl.h>

#include <cerrno>
#include <span>
#include <utility>

namespace millrace {
namespace {

// What nearly all of them fit in, and above which one is not small.
constexpr size_t kUsualBytes = 512;
constexpr size_t kBytesMax = 64 << 10;

Result<std::optional<std::string>> Read(FileSystem& file_system, const std::string& path) {
  const auto file = file_system.Open(path, O_RDONLY);
  if (!file.ok()) {
    if (file.status().error() == ENOENT) return std::optional<std::string>();
    return file.status();
  }
  std::string text;
  for (const size_t bytes : {kUsualBytes, kBytesMax}) {
    text.resize(bytes);
    const auto read =
        file_system.Pread(file.value().get(), std::as_writable_bytes(std::span(text.data(), bytes)), 0, path);
    if (!read.ok()) return read.status();
    if (read.value() == bytes) continue;
    text.resize(read.value());
    return std::optional(std::move(text));
  }
  return std::optional<std::string>();
}

}  // namespace

Result<SmallFiles> ReadSmallFiles(FileSystem& file_system, const std::string& directory,
                                  const SmallFilesQuery& query) {
  SmallFiles files;
  for (const std::string& name : query.names) {
    auto text = Read(file_system, directory + "/" + name);
    if (!text.ok()) return text.status();
    const bool guards = files.empty() && query.expected.has_value();
    if (guards && text.value() && *text.value() != *query.expected) return Status("open log", EEXIST, directory);
    files.push_back(std::move(text).value());
  }
  return files;
}

}  // namespace millrace
