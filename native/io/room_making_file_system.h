#pragma once

#include <cerrno>
#include <string>
#include <type_traits>
#include <vector>

#include "io/file_system.h"
#include "io/resource_cache.h"

namespace millrace {

// A file system for whoever must not fail only because files and mappings that are merely kept at hand have taken all
// that the process or the system allows: what needs one more takes them back, as long as there are any. What is pinned
// stays with its user, so it can still come to EMFILE, ENFILE or ENOMEM. Any thread; not while holding the lock of a
// resource in `open_files`, nor for Map of one in `mappings`.
class RoomMakingFileSystem final : public FileSystem {
 public:
  RoomMakingFileSystem(FileSystem& files, ResourceCache& open_files, ResourceCache& mappings)
      : files_(files), open_files_(open_files), mappings_(mappings) {}

  Result<UniqueFd> Open(const std::string& path, int flags) override {
    return WithDescriptor([&] { return files_.Open(path, flags); });
  }
  Result<size_t> Pread(int fd, std::span<std::byte> into, int64_t position, const std::string& path) override {
    return files_.Pread(fd, into, position, path);
  }
  Status Pwritev(int fd, std::span<iovec> parts, int64_t position, const std::string& path) override {
    return files_.Pwritev(fd, parts, position, path);
  }
  Status Truncate(int fd, int64_t size, const std::string& path) override { return files_.Truncate(fd, size, path); }
  Status Reserve(int fd, int64_t position, int64_t length, const std::string& path) override {
    return files_.Reserve(fd, position, length, path);
  }
  Status SyncData(int fd, const std::string& path) override { return files_.SyncData(fd, path); }
  // Opens the directory.
  Status SyncDirectory(const std::string& path) override {
    return WithDescriptor([&] { return files_.SyncDirectory(path); });
  }
  Status Rename(const std::string& from, const std::string& to) override { return files_.Rename(from, to); }
  Status SetModified(const std::string& path, int64_t modified_ms) override {
    return files_.SetModified(path, modified_ms);
  }
  Status Unlink(const std::string& path) override { return files_.Unlink(path); }
  Status MakeDirectory(const std::string& path) override { return files_.MakeDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return WithDescriptor([&] { return files_.List(directory); });
  }
  Result<FileStat> Stat(const std::string& path) override { return files_.Stat(path); }
  Result<MappedFile> Map(int fd, size_t length, bool writable, const std::string& path) override {
    for (;;) {
      Result<MappedFile> mapped = files_.Map(fd, length, writable, path);
      if (ErrorOf(mapped) != ENOMEM || !mappings_.GiveWay()) return mapped;
    }
  }

 private:
  static int ErrorOf(const Status& status) { return status.error(); }
  template <typename T>
  static int ErrorOf(const Result<T>& result) {
    return result.ok() ? 0 : result.status().error();
  }

  template <typename Call>
  std::invoke_result_t<Call> WithDescriptor(Call call) {
    for (;;) {
      std::invoke_result_t<Call> result = call();
      const int error = ErrorOf(result);
      if ((error != EMFILE && error != ENFILE) || !open_files_.GiveWay()) return result;
    }
  }

  FileSystem& files_;
  ResourceCache& open_files_;
  ResourceCache& mappings_;
};

}  // namespace millrace
