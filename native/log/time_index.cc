#include "log/time_index.h"

#include "base/byte_order.h"

namespace millrace {
namespace {

TimeIndex::Entry EntryAt(const std::byte* entries, int64_t i, int64_t base_offset) {
  const std::byte* at = entries + i * static_cast<int64_t>(TimeIndex::kEntrySize);
  return {LoadInt64(at), base_offset + LoadInt32(at + 8)};
}

// Number of leading entries for which `holds` is true; it must be true for a prefix.
template <typename Holds>
int64_t PrefixLength(const std::byte* entries, int64_t count, int64_t base_offset, Holds holds) {
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (holds(EntryAt(entries, middle, base_offset))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

Status TimeIndex::MaybeAppend(const Entry& entry) {
  const Result<int64_t> before = NewestTimestamp();
  if (!before.ok()) return before.status();
  if (entry.timestamp <= before.value() || (prepared() && count() >= capacity())) return Status::Ok();
  std::byte bytes[kEntrySize];
  StoreInt64(bytes, entry.timestamp);
  StoreInt32(bytes + 8, static_cast<int32_t>(entry.offset - base_offset()));
  Status appended = prepared() ? AppendEntry(bytes) : WriteEntry(bytes);
  if (appended.ok()) newest_ = {count(), entry.timestamp};
  return appended;
}

Result<int64_t> TimeIndex::NewestTimestamp() {
  if (newest_.count != count()) {
    const Result<std::optional<Entry>> last = Last();
    if (!last.ok()) return last.status();
    newest_ = {count(), last.value().has_value() ? last.value()->timestamp : -1};
  }
  return newest_.timestamp;
}

Status TimeIndex::TruncateTo(int64_t offset) {
  int64_t keep = 0;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    keep = PrefixLength(entries, count, base_offset(), [&](const Entry& e) { return e.offset < offset; });
  });
  if (searched.ok()) KeepEntries(keep);
  return searched;
}

Result<std::optional<TimeIndex::Entry>> TimeIndex::FloorTimestamp(int64_t timestamp) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const auto holds = [&](const Entry& e) { return e.timestamp <= timestamp; };
    const int64_t n = PrefixLength(entries, count, base_offset(), holds);
    if (n > 0) found = EntryAt(entries, n - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

Result<std::optional<TimeIndex::Entry>> TimeIndex::FloorOffset(int64_t offset) const {
  std::optional<Entry> found;
  Status searched = WithEntries([&](const std::byte* entries, int64_t count) {
    const auto holds = [&](const Entry& e) { return e.offset <= offset; };
    const int64_t n = PrefixLength(entries, count, base_offset(), holds);
    if (n > 0) found = EntryAt(entries, n - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

bool TimeIndex::Sound(const std::byte* entries, int64_t count) const {
  Entry before{-1, base_offset() - 1};
  for (int64_t i = 0; i < count; ++i) {
    const Entry entry = EntryAt(entries, i, base_offset());
    if (entry.timestamp <= before.timestamp || entry.offset < before.offset) return false;
    before = entry;
  }
  return true;
}

Result<std::optional<TimeIndex::Entry>> TimeIndex::First() const {
  std::optional<Entry> found;
  Status searched = WithUncheckedEntries([&](const std::byte* entries, int64_t count) {
    if (count > 0) found = EntryAt(entries, 0, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

Result<std::optional<TimeIndex::Entry>> TimeIndex::Last() const {
  std::optional<Entry> found;
  Status searched = WithUncheckedEntries([&](const std::byte* entries, int64_t count) {
    if (count > 0) found = EntryAt(entries, count - 1, base_offset());
  });
  if (!searched.ok()) return searched;
  return found;
}

}  // namespace millrace
