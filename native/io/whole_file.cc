#include "io/whole_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace millrace {
namespace {

constexpr size_t kFirstReadBytes = 4096;

Status WriteSynced(FileSystem& file_system, const std::string& path, std::span<const std::byte> content) {
  const auto file = file_system.Open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.ok()) return file.status();
  iovec part{const_cast<std::byte*>(content.data()), content.size()};
  Status written = file_system.Pwritev(file.value().get(), {&part, 1}, 0, path);
  return written.ok() ? file_system.SyncData(file.value().get(), path) : written;
}

}  // namespace

Result<std::optional<std::vector<std::byte>>> ReadWholeFile(FileSystem& file_system, const std::string& path) {
  const auto file = file_system.Open(path, O_RDONLY);
  if (!file.ok()) {
    if (file.status().error() == ENOENT) return std::optional<std::vector<std::byte>>();
    return file.status();
  }
  std::vector<std::byte> content;
  for (size_t length = 0;;) {
    content.resize(std::max(kFirstReadBytes, 2 * length));
    const auto rest = std::span(content).subspan(length);
    const auto read = file_system.Pread(file.value().get(), rest, static_cast<int64_t>(length), path);
    if (!read.ok()) return read.status();
    length += read.value();
    if (read.value() == rest.size()) continue;
    content.resize(length);
    return std::optional(std::move(content));
  }
}

Status ReplaceFile(FileSystem& file_system, const std::string& path, std::span<const std::byte> content) {
  const std::string temporary = path + ".tmp";
  Status replaced = WriteSynced(file_system, temporary, content);
  if (replaced.ok()) replaced = file_system.Rename(temporary, path);
  if (replaced.ok()) replaced = file_system.SyncDirectory(path.substr(0, path.rfind('/')));
  return replaced;
}

}  // namespace millrace
