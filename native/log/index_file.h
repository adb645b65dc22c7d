#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"
#include "io/resource_cache.h"

namespace millrace {

// A file of fixed-size entries, mapped on demand: what the offset index and the time index have in common.
// Where few entries are only read, as at the open of most partitions, they are copied: a mapping takes a page.
//
// While its segment is active the file is preallocated (sparse) to its capacity, so trailing zero entries are
// normal; Trim cuts them on roll and close. Blocks are reserved before entries are stored, because a store into
// a hole of a mapping on a full disk would kill the process instead of reporting ENOSPC.
// No descriptor stays open, and the cache may take the mapping back at any time.
//
// Entries wait here, a cache line or two of them, and are stored together: where thousands of partitions have their
// turns the page of the mapping, and what the kernel keeps to notice a store into it, are never in the processor's
// caches. Nothing relies on the file before Trim: while a segment is active a crash means its rebuild. Searches see
// what waits, for they store it first.
//
// Entries have no checksum. What Load adopted is checked as a whole when it is first searched (`Sound`), so a clean
// start reads no index to its end; whoever goes by one entry compares it with the batch it points at, and calls
// Distrust when they differ. A distrusted index answers EILSEQ until Reset begins its rebuild.
//
// The lane of the log changes it; any thread may search. Searches and stores hold the mutex, system calls do
// not, except for Trim and Rename which must not be seen half done.
class IndexFile : public CachedResource {
 public:
  IndexFile(const IndexFile&) = delete;
  IndexFile& operator=(const IndexFile&) = delete;

  int64_t count() const;
  int64_t base_offset() const { return base_offset_; }
  std::string path() const;

  // Adopts what is on disk. An absent file, or a size that is no multiple of the entry, is reported as EILSEQ:
  // the index must be rebuilt.
  Status Load();
  // Grows the file so that `capacity_bytes`, rounded down, fit. Creates it when missing.
  Status Prepare(int64_t capacity_bytes);
  bool prepared() const { return prepared_; }
  // Lane. There is no such file yet.
  bool missing() const { return !exists_; }
  // Cuts the file to its entries, creating an empty one when it was never needed. Nothing to do when it was
  // neither prepared nor changed.
  Status Trim();
  // Forgets every entry before a rebuild, at whose end Trim cuts what is left of the old ones. Cutting to nothing
  // here would make ext4 write the new entries out at once.
  Status Reset();
  Status Sync();
  // Before the log publishes the segment: gives up the mapping until somebody needs it.
  void Rest();
  // Any thread. True for the first caller since Load: then a rebuild is due. Never when this process wrote it all.
  bool Distrust() const;
  // Renames the file if there is one.
  Status RenameTo(const std::string& path);

 protected:
  IndexFile(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset, size_t entry_size);
  ~IndexFile() = default;
  // First in the destructor of what derives from it: the cache calls while it lists the index.
  void LeaveCache() { cache_.Remove(*this); }

  // Entries that fit, after Prepare.
  int64_t capacity() const { return file_bytes_ / static_cast<int64_t>(entry_size_); }
  // Stores one entry behind the last. The caller checked that it fits.
  Status AppendEntry(const std::byte* entry);
  // The same without Prepare, for the one entry that a small segment owes when it closes.
  Status WriteEntry(const std::byte* entry);
  // Calls `search(entries, count)` with the mapping in place; `entries` is null when count is 0.
  template <typename Search>
  Status WithEntries(Search search) const;
  // The same at open, where only the ends are looked at.
  template <typename Search>
  Status WithUncheckedEntries(Search search) const;
  // Whether the entries are such as the append path writes.
  virtual bool Sound(const std::byte* entries, int64_t count) const = 0;
  // Lane: keeps the first `count` entries.
  void KeepEntries(int64_t count);

  mutable std::mutex mutex_;
  // Guarded by mutex_; the lane alone changes it.
  int64_t count_ = 0;

 private:
  enum class Trust { Own, Unchecked, Sound, Broken };

  // A whole number of entries of either index.
  static constexpr size_t kWaitingBytes = 96;

  // The bytes of the file: mapped, or copied.
  struct Bytes {
    MappedFile mapped;
    std::vector<std::byte> copied;
    std::byte* data() { return copied.empty() ? mapped.data() : copied.data(); }
  };

  std::shared_ptr<const void> Evict() override;
  Status MapNow() const;
  Result<std::shared_ptr<Bytes>> BytesOf(int fd, int64_t bytes, bool stored, const std::string& path) const;
  Status CheckNow() const;  // mutex_ held.
  // mutex_ held, the mapping in place.
  void StoreWaiting() const;
  Status ReserveBlock();

  FileSystem& file_system_;
  ResourceCache& cache_;
  const int64_t base_offset_;
  const size_t entry_size_;

  // Lane only.
  bool prepared_ = false;
  bool exists_ = false;
  int64_t reserved_bytes_ = 0;

  // All guarded by mutex_; the lane alone changes them, except mapping_ and what moves from waiting_ to it.
  std::string path_;
  int64_t file_bytes_ = 0;
  bool stored_ = false;  // Entries are stored through the mapping, which a copy would not do.
  uint64_t layout_ = 0;  // Changes with the three above, so that a mapping made meanwhile is not installed.
  mutable std::shared_ptr<Bytes> mapping_;
  // The last entries of count_. None unless the file is prepared.
  mutable size_t waiting_bytes_ = 0;
  std::array<std::byte, kWaitingBytes> waiting_{};
  mutable Trust trust_ = Trust::Own;
  mutable bool rebuild_due_ = false;
};

template <typename Search>
Status IndexFile::WithEntries(Search search) const {
  Status checked = Status::Ok();
  Status searched = WithUncheckedEntries([&](const std::byte* entries, int64_t count) {
    checked = CheckNow();
    if (checked.ok()) search(entries, count);
  });
  return searched.ok() ? checked : searched;
}

template <typename Search>
Status IndexFile::WithUncheckedEntries(Search search) const {
  touched_.store(true, std::memory_order_relaxed);
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (count_ == 0) {
        search(static_cast<const std::byte*>(nullptr), int64_t{0});
        return Status::Ok();
      }
      if (mapping_ != nullptr) {
        StoreWaiting();
        search(static_cast<const std::byte*>(mapping_->data()), count_);
        return Status::Ok();
      }
    }
    Status mapped = MapNow();
    if (!mapped.ok()) return mapped;
  }
}

}  // namespace millrace
