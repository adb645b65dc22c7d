#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "log/index_file.h"

namespace millrace {

// `.index`: 8 bytes per entry, big-endian: int32 last offset of a batch less the segment's base offset, int32
// position of that batch's first byte. Both columns rise strictly. Rebuilt from the `.log` when in doubt.
//
// Where batches are larger than the index interval every one has an entry. The index remembers, in a bit per entry
// and as long as it is open, which entries it was given for two batches in a row: an offset between two such needs
// no look at the batches, and neither does such an entry need to be compared with the batch it points at.
class OffsetIndex final : public IndexFile {
 public:
  static constexpr size_t kEntrySize = 8;

  struct Entry {
    int64_t offset;
    int64_t position;
    // Its batch directly follows that of the entry before, and both were appended since the index was opened.
    bool follows = false;
  };

  OffsetIndex(FileSystem& file_system, ResourceCache& cache, std::string path, int64_t base_offset)
      : IndexFile(file_system, cache, std::move(path), base_offset, kEntrySize) {}
  ~OffsetIndex() { LeaveCache(); }

  // Lane. Full, with `coming` entries about to be added, means the segment must roll; an entry that does not fit
  // is left out, which only costs a longer walk.
  bool Full(int64_t limit_bytes, int64_t coming) const {
    return count() + coming >= std::max<int64_t>(limit_bytes / static_cast<int64_t>(kEntrySize), 1);
  }
  Status Append(const Entry& entry, int64_t batch_end);
  // Drops entries at or above the offset.
  Status TruncateTo(int64_t offset);
  void TruncateToCount(int64_t count);

  // Any thread. The greatest entry at or below the target, by either column.
  Result<std::optional<Entry>> FloorOffset(int64_t offset) const;
  Result<std::optional<Entry>> FloorPosition(int64_t position) const;
  Result<std::optional<Entry>> Last() const;
  struct Place {
    std::optional<Entry> floor;
    // Of the batch that holds the offset, when that can be told without reading it.
    std::optional<int64_t> position;
  };
  Result<Place> Find(int64_t offset) const;

 private:
  bool Sound(const std::byte* entries, int64_t count) const override;
  // mutex_ held.
  bool Follows(int64_t i) const;
  void SetFollows(int64_t i, bool follows);
  Entry EntryAt(const std::byte* entries, int64_t i) const;

  // Lane only: where the batch of the last entry ends, -1 when that is not known.
  int64_t last_batch_end_ = -1;
  // Guarded by mutex_; entries behind its end follow none.
  std::vector<bool> follows_;
};

}  // namespace millrace
