#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"
#include "io/mapped_file.h"

namespace millrace {

struct FileStat {
  int64_t size = 0;
  int64_t modified_ms = 0;
};

// The seam between the log and the operating system, so that a test can fail, shorten or tear any operation.
// Each operation handles EINTR and short transfers itself. Any thread. `path` arguments of descriptor
// operations only name the file in the Status.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // `flags` as open(2); O_CLOEXEC is added and new files get mode 0644.
  virtual Result<UniqueFd> Open(const std::string& path, int flags) = 0;
  // Fills `into` from `position`; returns fewer bytes only at the end of the file.
  virtual Result<size_t> Pread(int fd, std::span<std::byte> into, int64_t position, const std::string& path) = 0;
  // Writes every byte or fails; after a failure any prefix may have reached the file. Consumes `parts`.
  virtual Status Pwritev(int fd, std::span<iovec> parts, int64_t position, const std::string& path) = 0;
  virtual Status Truncate(int fd, int64_t size, const std::string& path) = 0;
  // Reserves blocks so that later stores through a mapping cannot meet a full disk. Quietly does nothing where
  // the file system has no such call.
  virtual Status Reserve(int fd, int64_t position, int64_t length, const std::string& path) = 0;
  virtual Status SyncData(int fd, const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Sets the time of the last change.
  virtual Status SetModified(const std::string& path, int64_t modified_ms) = 0;
  virtual Status Unlink(const std::string& path) = 0;
  // An existing directory is no error.
  virtual Status MakeDirectory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual Result<FileStat> Stat(const std::string& path) = 0;
  // Shared mapping from byte 0, advised MADV_RANDOM: read-ahead on a sparse index would pull megabytes.
  virtual Result<MappedFile> Map(int fd, size_t length, bool writable, const std::string& path) = 0;
};

// The one of the process.
FileSystem& RealFileSystem();

}  // namespace millrace
