#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

namespace millrace {

// The small batches appended last, of all logs together: who reads the tail of many partitions copies from here
// instead of making a system call for each.
//
// A copy has a place, counted in bytes since the beginning, and is there until `capacity` more bytes were kept. It
// stands beside the file and never instead of it: whoever finds nothing reads the file. Any thread; nobody waits, one
// who meets another goes without.
class RecentBytes {
 public:
  static constexpr size_t kCapacity = 16 << 20;
  // From here on copying costs more than the system call it saves.
  static constexpr size_t kBatchBytesMax = 4096;
  // Longer ranges are sent from their files without a copy.
  static constexpr int64_t kRangeBytesMax = 16 << 10;
  static constexpr int64_t kNowhere = -1;

  explicit RecentBytes(size_t capacity = kCapacity)
      : capacity_(capacity), bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}
  RecentBytes(const RecentBytes&) = delete;
  RecentBytes& operator=(const RecentBytes&) = delete;

  // The place of the copy, kNowhere when there is none.
  int64_t Keep(std::span<const std::byte> bytes);
  // False when the bytes are not there any more; `into` may then hold anything.
  bool Read(int64_t place, std::span<std::byte> into) const;

 private:
  const size_t capacity_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::byte[]> bytes_;  // Guarded by mutex_; its pages cost nothing before they are used.
  int64_t end_ = 0;                     // Guarded by mutex_.
};

}  // namespace millrace
