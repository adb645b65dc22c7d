#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "io/file_system.h"
#include "io/recent_bytes.h"
#include "io/resource_cache.h"

namespace millrace {

// The `.log` file of one segment, as shared by its log and by slices being sent.
//
// Its descriptor is opened on demand and may be closed again by the cache while nobody pins it, so an idle
// partition holds none. A removed segment keeps its file under a `.deleted` name until the last holder lets go.
// Truncation shortens the file under a holder: a send that meets the end early must fail its connection.
// Any thread.
class SegmentFile final : public CachedResource {
 public:
  SegmentFile(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset, int64_t size);
  ~SegmentFile();
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  int64_t base_offset() const { return base_offset_; }
  // Names this file among all that ever held the same offsets: the base offset, or below zero for what compaction
  // made while the log was open.
  int64_t id() const { return id_; }
  // Published bytes: what lies beyond may be half written.
  int64_t size() const { return size_.load(std::memory_order_acquire); }
  std::string path() const;
  // The path it was opened under, for error reports: later renames do not show, and asking costs nothing.
  const std::string& name() const { return name_; }

  // Pins the open descriptor; it stays open at least as long as the pin lives.
  Result<std::shared_ptr<const UniqueFd>> Acquire() const;

  // Has the processor fetch what Acquire counts the pin in.
  void Fetch() const;

  // Makes all that was written durable. The kernel reports a write it lost once per descriptor and forgets the
  // pages: whoever asks next would be told that all is well. So one at a time, and after a failure never again.
  [[nodiscard]] Status Sync() const;

  // Before the log publishes the segment.
  void SetId(int64_t id) { id_ = id; }
  // Whether Acquire would have nothing to open.
  bool open() const;

  // Lane of the log.
  void Publish(int64_t size) { size_.store(size, std::memory_order_release); }
  // Before the log publishes the segment: closes the file until somebody needs it.
  void Rest();
  // Renames the file and remembers the new name for later opens.
  Status RenameTo(const std::string& path);

 private:
  std::shared_ptr<const void> Evict() override;

  FileSystem& file_system_;
  ResourceCache& cache_;
  const std::string name_;
  const int64_t base_offset_;
  int64_t id_;
  std::atomic<int64_t> size_;

  mutable std::mutex mutex_;
  std::string path_;                                  // Guarded by mutex_.
  mutable std::shared_ptr<const UniqueFd> descriptor_;  // Guarded by mutex_.

  mutable std::mutex sync_mutex_;
  mutable Status sync_failure_;  // Guarded by sync_mutex_.
};

// Bytes of a segment that a reader was promised.
struct SegmentRange {
  std::shared_ptr<const SegmentFile> file = nullptr;
  // Where RecentBytes has them too, or kNowhere.
  int64_t recent = RecentBytes::kNowhere;
};

}  // namespace millrace
