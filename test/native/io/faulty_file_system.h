#pragma once

#include <array>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "io/file_system.h"

namespace millrace::test {

enum class Op { Open, Read, Write, Truncate, Reserve, SyncData, SyncDirectory, Rename, SetModified, Unlink, List, Stat, Map, Count };

// The real file system with one planned misfortune per operation, counts of every call, and a gate that holds
// fdatasync until a test lets it go. Any thread.
class FaultyFileSystem final : public FileSystem {
 public:
  struct Fault {
    int error = 0;
    // Calls that still succeed, then calls that fail.
    int skip = 0;
    int times = 1;
    // Writes: bytes that reach the file all the same.
    size_t torn_bytes = 0;
  };

  void Plan(Op op, const Fault& fault) {
    std::lock_guard lock(mutex_);
    faults_[Index(op)] = fault;
  }
  int calls(Op op) {
    std::lock_guard lock(mutex_);
    return calls_[Index(op)];
  }
  // From now on `count` more calls that change anything are carried out; then the disk stays as it is, as if the
  // process had died there.
  void FreezeAfter(int count) {
    std::lock_guard lock(mutex_);
    changes_left_ = count;
  }
  bool frozen() {
    std::lock_guard lock(mutex_);
    return changes_left_ < 0;
  }
  // While closed, fdatasync waits.
  void CloseGate() {
    std::lock_guard lock(mutex_);
    gate_open_ = false;
  }
  void OpenGate() {
    std::lock_guard lock(mutex_);
    gate_open_ = true;
    changed_.notify_all();
  }
  void AwaitCalls(Op op, int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_[Index(op)] >= count; });
  }

  Result<UniqueFd> Open(const std::string& path, int flags) override {
    if (const int error = Take(Op::Open)) return Status("open", error, path);
    return real_.Open(path, flags);
  }
  Result<size_t> Pread(int fd, std::span<std::byte> into, int64_t position, const std::string& path) override {
    if (const int error = Take(Op::Read)) return Status("pread", error, path);
    return real_.Pread(fd, into, position, path);
  }
  Status Pwritev(int fd, std::span<iovec> parts, int64_t position, const std::string& path) override {
    size_t torn = 0;
    const int error = Take(Op::Write, &torn);
    if (error == 0) return real_.Pwritev(fd, parts, position, path);
    std::vector<std::byte> bytes;
    for (const iovec& part : parts) {
      const auto* at = static_cast<const std::byte*>(part.iov_base);
      bytes.insert(bytes.end(), at, at + part.iov_len);
    }
    bytes.resize(std::min(bytes.size(), torn));
    iovec prefix{bytes.data(), bytes.size()};
    (void)real_.Pwritev(fd, {&prefix, 1}, position, path);
    return Status("pwritev", error, path);
  }
  Status Truncate(int fd, int64_t size, const std::string& path) override {
    if (const int error = Take(Op::Truncate)) return Status("ftruncate", error, path);
    return real_.Truncate(fd, size, path);
  }
  Status Reserve(int fd, int64_t position, int64_t length, const std::string& path) override {
    if (const int error = Take(Op::Reserve)) return Status("fallocate", error, path);
    return real_.Reserve(fd, position, length, path);
  }
  Status SyncData(int fd, const std::string& path) override {
    const int error = Take(Op::SyncData);
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return gate_open_; });
    }
    if (error != 0) return Status("fdatasync", error, path);
    return real_.SyncData(fd, path);
  }
  Status SyncDirectory(const std::string& path) override {
    if (const int error = Take(Op::SyncDirectory)) return Status("fsync", error, path);
    return real_.SyncDirectory(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    if (const int error = Take(Op::Rename)) return Status("rename", error, from);
    return real_.Rename(from, to);
  }
  Status SetModified(const std::string& path, int64_t modified_ms) override {
    if (const int error = Take(Op::SetModified)) return Status("utimensat", error, path);
    return real_.SetModified(path, modified_ms);
  }
  Status Unlink(const std::string& path) override {
    if (const int error = Take(Op::Unlink)) return Status("unlink", error, path);
    return real_.Unlink(path);
  }
  Status MakeDirectory(const std::string& path) override { return real_.MakeDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    if (const int error = Take(Op::List)) return Status("opendir", error, path);
    return real_.List(path);
  }
  Result<FileStat> Stat(const std::string& path) override {
    if (const int error = Take(Op::Stat)) return Status("stat", error, path);
    return real_.Stat(path);
  }
  Result<MappedFile> Map(int fd, size_t length, bool writable, const std::string& path) override {
    if (const int error = Take(Op::Map)) return Status("mmap", error, path);
    return real_.Map(fd, length, writable, path);
  }

 private:
  static size_t Index(Op op) { return static_cast<size_t>(op); }

  static bool Changes(Op op) {
    return op == Op::Write || op == Op::Truncate || op == Op::Rename || op == Op::SetModified || op == Op::Unlink;
  }

  // The errno this call must fail with, or 0.
  int Take(Op op, size_t* torn_bytes = nullptr) {
    std::lock_guard lock(mutex_);
    ++calls_[Index(op)];
    changed_.notify_all();
    if (Changes(op) && (changes_left_ < 0 || --changes_left_ < 0)) return EIO;
    Fault& fault = faults_[Index(op)];
    if (fault.error == 0) return 0;
    if (fault.skip > 0) return --fault.skip, 0;
    if (torn_bytes != nullptr) *torn_bytes = fault.torn_bytes;
    const int error = fault.error;
    if (--fault.times == 0) fault = {};
    return error;
  }

  FileSystem& real_ = RealFileSystem();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Fault, static_cast<size_t>(Op::Count)> faults_{};
  std::array<int, static_cast<size_t>(Op::Count)> calls_{};
  int changes_left_ = INT_MAX;
  bool gate_open_ = true;
};

}  // namespace millrace::test
