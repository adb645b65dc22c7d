#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "log/index_file.h"

namespace millrace {

// `.timeindex`: 12 bytes per entry, big-endian: int64 largest timestamp so far, int32 last offset of the batch
// that holds it less the segment's base offset. Timestamps rise strictly. One entry is added with each offset
// index entry when the timestamp grew, and one at roll and close; the last slot is kept free for that one.
class TimeIndex final : public IndexFile {
 public:
  static constexpr size_t kEntrySize = 12;

  struct Entry {
    int64_t timestamp;
    int64_t offset;
  };

  TimeIndex(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset)
      : IndexFile(file_system, cache, std::move(path), base_offset, kEntrySize) {}
  ~TimeIndex() { LeaveCache(); }

  // Lane.
  bool Full(int64_t limit_bytes, int64_t coming) const {
    return count() + coming >= std::max<int64_t>(limit_bytes / static_cast<int64_t>(kEntrySize) - 1, 1);
  }
  // Adds the entry when its timestamp is larger than the last one's and, in a prepared file, when it fits.
  Status MaybeAppend(const Entry& entry);
  Status TruncateTo(int64_t offset);
  void TruncateToCount(int64_t count) { KeepEntries(count); }

  // Any thread. The greatest entry at or below the target.
  Result<std::optional<Entry>> FloorTimestamp(int64_t timestamp) const;
  Result<std::optional<Entry>> FloorOffset(int64_t offset) const;
  Result<std::optional<Entry>> First() const;
  Result<std::optional<Entry>> Last() const;

 private:
  bool Sound(const std::byte* entries, int64_t count) const override;
  Result<int64_t> NewestTimestamp();

  // Lane only: the timestamp of the last of so many entries. All are added here, so it holds for as long as they are
  // so many, and the entry need not be looked at with every batch.
  struct Newest {
    int64_t count = -1;
    int64_t timestamp = -1;
  };
  Newest newest_;
};

}  // namespace millrace
