#include "log/offset_index.h"

#include <algorithm>

#include "base/byte_order.h"

namespace millrace {
namespace {

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

bool OffsetIndex::Follows(int64_t i) const {
  const auto at = static_cast<size_t>(i);
  return at < follows_.size() && follows_[at];
}

// Most logs of small batches never need a bit.
void OffsetIndex::SetFollows(int64_t i, bool follows) {
  const auto at = static_cast<size_t>(i);
  if (at >= follows_.size()) {
    if (!follows) return;
    follows_.resize(at + 1);
  }
  follows_[at] = follows;
}

OffsetIndex::Entry OffsetIndex::EntryAt(const std::byte* entries, int64_t i) const {
  const std::byte* at = entries + i * static_cast<int64_t>(kEntrySize);
  return {base_offset() + LoadInt32(at), LoadInt32(at + 4), Follows(i)};
}

Status OffsetIndex::Append(const Entry& entry, int64_t batch_end) {
  if (count() >= capacity()) return Status::Ok();
  std::byte bytes[kEntrySize];
  StoreInt32(bytes, static_cast<int32_t>(entry.offset - base_offset()));
  StoreInt32(bytes + 4, static_cast<int32_t>(entry.position));
  {
    // Before the entry can be seen: bits of entries that were dropped may still be there.
    std::lock_guard lock(mutex_);
    SetFollows(count_, count_ > 0 && last_batch_end_ == entry.position);
  }
  Status appended = AppendEntry(bytes);
  last_batch_end_ = appended.ok() ? batch_end : -1;
  return appended;
}

void OffsetIndex::TruncateToCount(int64_t count) {
  KeepEntries(count);
  last_batch_end_ = -1;
}

Status OffsetIndex::TruncateTo(int64_t offset) {
  int64_t keep = 0;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    keep = CountUpTo(entries, count, 0, offset - base_offset() - 1);
  });
  if (searched.ok()) TruncateToCount(keep);
  return searched;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::FloorOffset(int64_t offset) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const int64_t n = CountUpTo(entries, count, 0, offset - base_offset());
    if (n > 0) found = EntryAt(entries, n - 1);
  });
  if (!searched.ok()) return searched;
  return found;
}

Result<OffsetIndex::Place> OffsetIndex::Find(int64_t offset) const {
  Place place;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const int64_t n = CountUpTo(entries, count, 0, offset - base_offset());
    if (n == 0) return;
    place.floor = EntryAt(entries, n - 1);
    if (place.floor->offset == offset) {
      if (place.floor->follows) place.position = place.floor->position;
    } else if (n < count && Follows(n)) {
      place.position = EntryAt(entries, n).position;
    }
  });
  if (!searched.ok()) return searched;
  return place;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::FloorPosition(int64_t position) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const int64_t n = CountUpTo(entries, count, 4, position);
    if (n > 0) found = EntryAt(entries, n - 1);
  });
  if (!searched.ok()) return searched;
  return found;
}

bool OffsetIndex::Sound(const std::byte* entries, int64_t count) const {
  Entry before{base_offset() - 1, -1};
  for (int64_t i = 0; i < count; ++i) {
    const Entry entry = EntryAt(entries, i);
    if (entry.offset <= before.offset || entry.position <= before.position) return false;
    before = entry;
  }
  return true;
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::Last() const {
  std::optional<Entry> found;
  Status searched = WithUncheckedEntries([&](const std::byte* entries, int64_t count) {
    if (count > 0) found = EntryAt(entries, count - 1);
  });
  if (!searched.ok()) return searched;
  return found;
}

}  // namespace millrace
