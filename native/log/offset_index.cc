#include "log/offset_index.h"

#include <algorithm>

#include "base/byte_order.h"

namespace millrace {
namespace {

OffsetIndex::Entry EntryAt(const std::byte* entries, int64_t i, int64_t base_offset) {
  const std::byte* at = entries + i * static_cast<int64_t>(OffsetIndex::kEntrySize);
  return {base_offset + LoadInt32(at), LoadInt32(at + 4)};
}

// Number of leading entries whose int32 at `column` is at or below `limit`.
int64_t CountUpTo(const std::byte* entries, int64_t count, size_t column, int64_t limit) {
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (LoadInt32(entries + middle * static_cast<int64_t>(OffsetIndex::kEntrySize) + column) <= limit) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

Status OffsetIndex::Append(const Entry& entry) {
  if (count() >= capacity()) return Status::Ok();
  std::byte bytes[kEntrySize];
  StoreInt32(bytes, static_cast<int32_t>(entry.offset - base_offset()));
  StoreInt32(bytes + 4, static_cast<int32_t>(entry.position));
  return AppendEntry(bytes);
}

Status OffsetIndex::TruncateTo(int64_t offset) {
  int64_t keep = 0;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    keep = CountUpTo(entries, count, 0, offset - base_offset() - 1);
  });
  if (searched.ok()) KeepEntries(keep);
  return searched;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::FloorOffset(int64_t offset) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const int64_t n = CountUpTo(entries, count, 0, offset - base_offset());
    if (n > 0) found = EntryAt(entries, n - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::FloorPosition(int64_t position) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const int64_t n = CountUpTo(entries, count, 4, position);
    if (n > 0) found = EntryAt(entries, n - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

bool OffsetIndex::Sound(const std::byte* entries, int64_t count) const {
  Entry before{base_offset() - 1, -1};
  for (int64_t i = 0; i < count; ++i) {
    const Entry entry = EntryAt(entries, i, base_offset());
    if (entry.offset <= before.offset || entry.position <= before.position) return false;
    before = entry;
  }
  return true;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::Last() const {
  std::optional<Entry> found;
  Status searched = WithUncheckedEntries([&](const std::byte* entries, int64_t count) {
    if (count > 0) found = EntryAt(entries, count - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

}  // namespace millrace
