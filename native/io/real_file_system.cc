#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include "io/file_system.h"

namespace millrace {
namespace {

// Repeats a call that a signal interrupted.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Drops `written` bytes from the front of the list.
std::span<iovec> Consume(std::span<iovec> parts, size_t written) {
  while (!parts.empty() && written >= parts.front().iov_len) {
    written -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (!parts.empty()) {
    parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + written;
    parts.front().iov_len -= written;
  }
  return parts;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<UniqueFd> Open(const std::string& path, int flags) override {
    const int fd = Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
    if (fd < 0) return Status("open", errno, path);
    return UniqueFd(fd);
  }

  Result<size_t> Pread(int fd, std::span<std::byte> into, int64_t position, const std::string& path) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t n = Retry([&] {
        return ::pread(fd, into.data() + done, into.size() - done, position + static_cast<int64_t>(done));
      });
      if (n < 0) return Status("pread", errno, path);
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  Status Pwritev(int fd, std::span<iovec> parts, int64_t position, const std::string& path) override {
    parts = Consume(parts, 0);
    while (!parts.empty()) {
      const int count = static_cast<int>(std::min<size_t>(parts.size(), IOV_MAX));
      const ssize_t n = Retry([&] { return ::pwritev(fd, parts.data(), count, position); });
      if (n < 0) return Status("pwritev", errno, path);
      if (n == 0) return Status("pwritev", EIO, path);
      position += n;
      parts = Consume(parts, static_cast<size_t>(n));
    }
    return Status::Ok();
  }

  Status Truncate(int fd, int64_t size, const std::string& path) override {
    return Retry([&] { return ::ftruncate(fd, size); }) < 0 ? Status("ftruncate", errno, path) : Status::Ok();
  }

  Status Reserve(int fd, int64_t position, int64_t length, const std::string& path) override {
#ifdef __linux__
    if (Retry([&] { return ::fallocate(fd, FALLOC_FL_KEEP_SIZE, position, length); }) < 0 &&
        errno != EOPNOTSUPP && errno != ENOSYS) {
      return Status("fallocate", errno, path);
    }
#endif
    return Status::Ok();
  }

  Status SyncData(int fd, const std::string& path) override {
#ifdef __linux__
    const int result = Retry([&] { return ::fdatasync(fd); });
#else
    const int result = Retry([&] { return ::fsync(fd); });
#endif
    return result < 0 ? Status("fdatasync", errno, path) : Status::Ok();
  }

  Status SyncDirectory(const std::string& path) override {
    Result<UniqueFd> directory = Open(path, O_RDONLY | O_DIRECTORY);
    if (!directory.ok()) return directory.status();
    return Retry([&] { return ::fsync(directory.value().get()); }) < 0 ? Status("fsync", errno, path) : Status::Ok();
  }

  Status Rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) < 0 ? Status("rename", errno, from) : Status::Ok();
  }

  Status SetModified(const std::string& path, int64_t modified_ms) override {
    const timespec modified{modified_ms / 1000, modified_ms % 1000 * 1'000'000};
    const timespec times[] = {{0, UTIME_OMIT}, modified};
    return ::utimensat(AT_FDCWD, path.c_str(), times, 0) < 0 ? Status("utimensat", errno, path) : Status::Ok();
  }

  Status Unlink(const std::string& path) override {
    return ::unlink(path.c_str()) < 0 ? Status("unlink", errno, path) : Status::Ok();
  }

  Status MakeDirectory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) < 0 && errno != EEXIST) return Status("mkdir", errno, path);
    return Status::Ok();
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> directory(::opendir(path.c_str()));
    if (directory == nullptr) return Status("opendir", errno, path);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return Status("readdir", errno, path);
    return names;
  }

  Result<FileStat> Stat(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) < 0) return Status("stat", errno, path);
    return FileStat{info.st_size, info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000};
  }

  Result<MappedFile> Map(int fd, size_t length, bool writable, const std::string& path) override {
    if (length == 0) return MappedFile();
    const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void* data = ::mmap(nullptr, length, protection, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) return Status("mmap", errno, path);
    MappedFile mapped(static_cast<std::byte*>(data), length);
    // Advice only: without it the kernel reads ahead more than needed, but nothing breaks.
    (void)::madvise(data, length, MADV_RANDOM);
    return mapped;
  }
};

}  // namespace

FileSystem& RealFileSystem() {
  static PosixFileSystem file_system;
  return file_system;
}

}  // namespace millrace
