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

// Leaves `into` empty where there is no such file.
Status Read(FileSystem& file_system, const std::string& path, std::optional<std::string>& into) {
  const auto file = file_system.Open(path, O_RDONLY);
  if (!file.ok()) return file.status().error() == ENOENT ? Status::Ok() : file.status();
  std::string text;
  for (const size_t bytes : {kUsualBytes, kBytesMax}) {
    text.resize(bytes);
    const auto read =
        file_system.Pread(file.value().get(), std::as_writable_bytes(std::span(text.data(), bytes)), 0, path);
    if (!read.ok()) return read.status();
    if (read.value() == bytes) continue;
    text.resize(read.value());
    into = std::move(text);
    break;
  }
  return Status::Ok();
}

}  // namespace

Result<SmallFiles> ReadSmallFiles(FileSystem& file_system, const std::string& directory,
                                  const SmallFilesQuery& query) {
  SmallFiles files;
  for (const std::string& name : query.names) {
    std::optional<std::string> text;
    if (Status read = Read(file_system, directory + "/" + name, text); !read.ok()) return read;
    const bool guards = files.empty() && query.expected.has_value();
    if (guards && text && *text != *query.expected) return Status("open log", EEXIST, directory);
    files.push_back(std::move(text));
  }
  return files;
}

}  // namespace millrace
