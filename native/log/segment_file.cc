#include "log/segment_file.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace millrace {

SegmentFile::SegmentFile(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset,
                         int64_t size)
    : file_system_(file_system),
      cache_(cache),
      name_(std::move(path)),
      base_offset_(base_offset),
      id_(base_offset),
      size_(size),
      path_(name_) {}

SegmentFile::~SegmentFile() { cache_.Remove(*this); }

std::string SegmentFile::path() const {
  std::lock_guard lock(mutex_);
  return path_;
}

bool SegmentFile::open() const {
  std::lock_guard lock(mutex_);
  return descriptor_ != nullptr;
}

Result<std::shared_ptr<const UniqueFd>> SegmentFile::Acquire() const {
  touched_.store(true, std::memory_order_relaxed);
  std::string path;
  {
    std::lock_guard lock(mutex_);
    if (descriptor_ != nullptr) return descriptor_;
    path = path_;
  }
  // A rename between reading the path and opening it is seen as ENOENT under a name that changed meanwhile.
  for (;;) {
    Result<UniqueFd> opened = file_system_.Open(path, O_RDWR);
    if (!opened.ok()) {
      std::lock_guard lock(mutex_);
      if (opened.status().error() != ENOENT || path == path_) return opened.status();
      path = path_;
      continue;
    }
    auto fresh = std::make_shared<const UniqueFd>(std::move(opened).value());
    {
      std::lock_guard lock(mutex_);
      if (descriptor_ != nullptr) return descriptor_;
      descriptor_ = fresh;
    }
    cache_.Add(const_cast<SegmentFile&>(*this));
    return fresh;
  }
}

void SegmentFile::Fetch() const {
  std::lock_guard lock(mutex_);
  __builtin_prefetch(descriptor_.get());
}

Status SegmentFile::Sync() const {
  std::lock_guard lock(sync_mutex_);
  if (!sync_failure_.ok()) return sync_failure_;
  auto descriptor = Acquire();
  if (!descriptor.ok()) return descriptor.status();
  sync_failure_ = file_system_.SyncData(descriptor.value()->get(), name_);
  return sync_failure_;
}

void SegmentFile::Rest() {
  cache_.Remove(*this);
  (void)Evict();
}

Status SegmentFile::RenameTo(const std::string& path) {
  // The lock is held across the system call on purpose: name and path_ must change as one for Acquire.
  std::lock_guard lock(mutex_);
  Status renamed = file_system_.Rename(path_, path);
  if (renamed.ok()) path_ = path;
  return renamed;
}

std::shared_ptr<const void> SegmentFile::Evict() {
  std::lock_guard lock(mutex_);
  return std::exchange(descriptor_, nullptr);
}

}  // namespace millrace
