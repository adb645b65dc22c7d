#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "log/index_file.h"

namespace millrace {

// `.index`: 8 bytes per entry, big-endian: int32 last offset of a batch less the segment's base offset, int32
// position of that batch's first byte. Both columns rise strictly. Rebuilt from the `.log` when in doubt.
class OffsetIndex final : public IndexFile {
 public:
  static constexpr size_t kEntrySize = 8;

  struct Entry {
    int64_t offset;
    int64_t position;
  };

  OffsetIndex(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset)
      : IndexFile(file_system, cache, std::move(path), base_offset, kEntrySize) {}
  ~OffsetIndex() { LeaveCache(); }

  // Lane. Full, with `coming` entries about to be added, means the segment must roll; an entry that does not fit
  // is left out, which only costs a longer walk.
  bool Full(int64_t limit_bytes, int64_t coming) const {
    return count() + coming >= std::max<int64_t>(limit_bytes / static_cast<int64_t>(kEntrySize), 1);
  }
  Status Append(const Entry& entry);
  // Drops entries at or above the offset.
  Status TruncateTo(int64_t offset);
  void TruncateToCount(int64_t count) { KeepEntries(count); }

  // Any thread. The greatest entry at or below the target, by either column.
  Result<std::optional<Entry>> FloorOffset(int64_t offset) const;
  Result<std::optional<Entry>> FloorPosition(int64_t position) const;
  Result<std::optional<Entry>> Last() const;

 private:
  bool Sound(const std::byte* entries, int64_t count) const override;
};

}  // namespace millrace
