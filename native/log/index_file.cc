#include "log/index_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace millrace {
namespace {

// Entries of one block are reserved together: one open file per 512 offset entries, about 2 MB of log.
constexpr int64_t kReserveBytes = 4096;

// A file up to this size is copied rather than mapped.
constexpr int64_t kCopiedBytesMax = 512;

}  // namespace

IndexFile::IndexFile(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset,
                     size_t entry_size)
    : file_system_(file_system),
      cache_(cache),
      base_offset_(base_offset),
      entry_size_(entry_size),
      path_(std::move(path)) {}

int64_t IndexFile::count() const {
  std::lock_guard lock(mutex_);
  return count_;
}

std::string IndexFile::path() const {
  std::lock_guard lock(mutex_);
  return path_;
}

Status IndexFile::Load() {
  const std::string path = this->path();
  Result<FileStat> stat = file_system_.Stat(path);
  if (!stat.ok()) {
    return stat.status().error() == ENOENT ? Status("check index", EILSEQ, path) : stat.status();
  }
  if (stat.value().size % static_cast<int64_t>(entry_size_) != 0) return Status("check index", EILSEQ, path);
  std::lock_guard lock(mutex_);
  file_bytes_ = stat.value().size;
  count_ = file_bytes_ / static_cast<int64_t>(entry_size_);
  reserved_bytes_ = file_bytes_;
  exists_ = true;
  trust_ = Trust::Unchecked;
  rebuild_due_ = false;
  return Status::Ok();
}

bool IndexFile::Distrust() const {
  std::lock_guard lock(mutex_);
  if (trust_ == Trust::Own) return false;
  trust_ = Trust::Broken;
  return !std::exchange(rebuild_due_, true);
}

Status IndexFile::CheckNow() const {
  if (trust_ == Trust::Unchecked) {
    const bool sound = count_ == 0 || Sound(mapping_->data(), count_);
    trust_ = sound ? Trust::Sound : Trust::Broken;
  }
  return trust_ == Trust::Broken ? Status("check index", EILSEQ, path_) : Status::Ok();
}

Status IndexFile::Prepare(int64_t capacity_bytes) {
  const auto entry = static_cast<int64_t>(entry_size_);
  // Never below what is stored already, and always room for one entry.
  const int64_t wanted = std::max({capacity_bytes / entry, count(), int64_t{1}}) * entry;
  const std::string path = this->path();
  Result<UniqueFd> file = file_system_.Open(path, O_RDWR | O_CREAT);
  if (!file.ok()) return file.status();
  Status grown = file_system_.Truncate(file.value().get(), wanted, path);
  if (!grown.ok()) return grown;
  std::shared_ptr<const void> old;
  std::lock_guard lock(mutex_);
  if (wanted != file_bytes_ || !stored_) old = std::exchange(mapping_, nullptr);
  file_bytes_ = wanted;
  stored_ = true;
  ++layout_;
  prepared_ = true;
  exists_ = true;
  return Status::Ok();
}

Status IndexFile::Trim() {
  std::lock_guard lock(mutex_);
  const int64_t wanted = count_ * static_cast<int64_t>(entry_size_);
  if (exists_ && !prepared_ && file_bytes_ == wanted) return Status::Ok();
  Result<UniqueFd> file = file_system_.Open(path_, O_RDWR | O_CREAT);
  if (!file.ok()) return file.status();
  if (waiting_bytes_ > 0) {
    iovec part{waiting_.data(), waiting_bytes_};
    const int64_t at = wanted - static_cast<int64_t>(waiting_bytes_);
    Status written = file_system_.Pwritev(file.value().get(), {&part, 1}, at, path_);
    if (!written.ok()) return written;
    waiting_bytes_ = 0;
  }
  prepared_ = false;
  Status cut = file_system_.Truncate(file.value().get(), wanted, path_);
  if (!cut.ok()) return cut;
  // A mapping longer than the file stays usable: nobody reads behind count_. It is dropped all the same, so
  // that a closed segment costs no mapping until somebody searches it.
  mapping_.reset();
  file_bytes_ = wanted;
  stored_ = false;
  reserved_bytes_ = wanted;
  exists_ = true;
  ++layout_;
  return Status::Ok();
}

Status IndexFile::Reset() {
  const std::string path = this->path();
  const Result<FileStat> stat = file_system_.Stat(path);
  if (!stat.ok() && stat.status().error() != ENOENT) return stat.status();
  std::lock_guard lock(mutex_);
  count_ = 0;
  waiting_bytes_ = 0;
  trust_ = Trust::Own;
  file_bytes_ = stat.ok() ? stat.value().size : 0;
  reserved_bytes_ = 0;
  exists_ = stat.ok();
  prepared_ = false;
  stored_ = false;
  mapping_.reset();
  ++layout_;
  return Status::Ok();
}

Status IndexFile::Sync() {
  const std::string path = this->path();
  Result<UniqueFd> file = file_system_.Open(path, O_RDWR);
  if (!file.ok()) return file.status().error() == ENOENT ? Status::Ok() : file.status();
  return file_system_.SyncData(file.value().get(), path);
}

void IndexFile::Rest() {
  cache_.Remove(*this);
  (void)Evict();
}

Status IndexFile::RenameTo(const std::string& path) {
  std::lock_guard lock(mutex_);
  Status renamed = file_system_.Rename(path_, path);
  if (!renamed.ok() && renamed.error() != ENOENT) return renamed;
  path_ = path;
  ++layout_;
  return Status::Ok();
}

Status IndexFile::AppendEntry(const std::byte* entry) {
  const int64_t at = count() * static_cast<int64_t>(entry_size_);
  if (at + static_cast<int64_t>(entry_size_) > reserved_bytes_) {
    Status reserved = ReserveBlock();
    if (!reserved.ok()) return reserved;
  }
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (waiting_bytes_ == kWaitingBytes && mapping_ != nullptr) StoreWaiting();
      if (waiting_bytes_ < kWaitingBytes) {
        std::memcpy(waiting_.data() + waiting_bytes_, entry, entry_size_);
        waiting_bytes_ += entry_size_;
        ++count_;
        return Status::Ok();
      }
    }
    touched_.store(true, std::memory_order_relaxed);
    Status mapped = MapNow();
    if (!mapped.ok()) return mapped;
  }
}

void IndexFile::StoreWaiting() const {
  if (waiting_bytes_ == 0) return;
  const size_t end = static_cast<size_t>(count_) * entry_size_;
  std::memcpy(mapping_->data() + end - waiting_bytes_, waiting_.data(), waiting_bytes_);
  waiting_bytes_ = 0;
}

Status IndexFile::WriteEntry(const std::byte* entry) {
  const std::string path = this->path();
  Result<UniqueFd> file = file_system_.Open(path, O_RDWR | O_CREAT);
  if (!file.ok()) return file.status();
  const auto size = static_cast<int64_t>(entry_size_);
  iovec part{const_cast<std::byte*>(entry), entry_size_};
  Status written = file_system_.Pwritev(file.value().get(), {&part, 1}, count() * size, path);
  if (!written.ok()) return written;
  std::shared_ptr<const void> old;
  std::lock_guard lock(mutex_);
  old = std::exchange(mapping_, nullptr);
  file_bytes_ = std::max(file_bytes_, ++count_ * size);
  reserved_bytes_ = std::max(reserved_bytes_, count_ * size);
  exists_ = true;
  ++layout_;
  return Status::Ok();
}

void IndexFile::KeepEntries(int64_t count) {
  std::lock_guard lock(mutex_);
  const size_t dropped = static_cast<size_t>(count_ - std::min(count_, count)) * entry_size_;
  waiting_bytes_ -= std::min(waiting_bytes_, dropped);
  count_ = std::min(count_, count);
}

Status IndexFile::ReserveBlock() {
  const std::string path = this->path();
  Result<UniqueFd> file = file_system_.Open(path, O_RDWR);
  if (!file.ok()) return file.status();
  const int64_t from = count() * static_cast<int64_t>(entry_size_);
  const int64_t to = std::min(from / kReserveBytes * kReserveBytes + 2 * kReserveBytes, file_bytes_);
  Status reserved = file_system_.Reserve(file.value().get(), from, to - from, path);
  if (reserved.ok()) reserved_bytes_ = to;
  return reserved;
}

std::shared_ptr<const void> IndexFile::Evict() {
  std::lock_guard lock(mutex_);
  return std::exchange(mapping_, nullptr);
}

Status IndexFile::MapNow() const {
  std::string path;
  int64_t bytes = 0;
  bool stored = false;
  uint64_t layout = 0;
  {
    std::lock_guard lock(mutex_);
    path = path_;
    bytes = file_bytes_;
    stored = stored_;
    layout = layout_;
  }
  const auto moved = [&] {
    std::lock_guard lock(mutex_);
    return layout != layout_;
  };
  Result<UniqueFd> file = file_system_.Open(path, O_RDWR);
  if (!file.ok()) return moved() ? Status::Ok() : file.status();
  auto contents = BytesOf(file.value().get(), bytes, stored, path);
  if (!contents.ok()) return moved() ? Status::Ok() : contents.status();
  {
    std::lock_guard lock(mutex_);
    if (layout != layout_) return Status::Ok();
    mapping_ = std::move(contents).value();
  }
  cache_.Add(const_cast<IndexFile&>(*this));
  return Status::Ok();
}

Result<std::shared_ptr<IndexFile::Bytes>> IndexFile::BytesOf(int fd, int64_t bytes, bool stored,
                                                             const std::string& path) const {
  auto contents = std::make_shared<Bytes>();
  if (stored || bytes > kCopiedBytesMax) {
    Result<MappedFile> mapped = file_system_.Map(fd, static_cast<size_t>(bytes), true, path);
    if (!mapped.ok()) return mapped.status();
    contents->mapped = std::move(mapped).value();
    return contents;
  }
  contents->copied.resize(static_cast<size_t>(bytes));
  const auto read = file_system_.Pread(fd, contents->copied, 0, path);
  if (!read.ok()) return read.status();
  // Nobody cuts it but this process, which would have changed the layout.
  if (read.value() < contents->copied.size()) return Status("check index", EILSEQ, path);
  return contents;
}

}  // namespace millrace
