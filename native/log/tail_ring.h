#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "io/recent_bytes.h"

namespace millrace {

// The ends of the latest batches of the active segment, so that consumers near the tail are answered without a
// read. Costs memory only once a log was appended to. Guarded by the log's publish mutex.
class TailRing {
 public:
  struct End {
    int64_t offset;    // The offset after the batch.
    int64_t position;  // The byte after the batch.
  };

  bool empty() const { return count_ == 0; }
  // The first end after Clear is the boundary before the first batch that can be found. `recent` is where the bytes of
  // the batch are kept.
  void Push(End end, int64_t recent = RecentBytes::kNowhere) {
    if (ends_ == nullptr) ends_ = std::make_unique<End[]>(kSize);
    const size_t slot = Slot(count_);
    ends_[slot] = end;
    Keep(slot, recent);
    if (count_ < kSize) {
      ++count_;
    } else {
      first_ = (first_ + 1) % kSize;
    }
  }
  // Forgets everything.
  void Clear() { count_ = 0; }

  struct Range {
    int64_t position;
    // Nothing when the first batch reaches past the largest offset, or past the budget where that is binding.
    int64_t length;
    int64_t end_offset;
  };
  // The whole batches from the one that holds `offset`; nothing when that batch is not in the ring.
  std::optional<Range> Find(int64_t offset, int64_t max_offset, int64_t max_bytes, bool at_least_one) const {
    const size_t first = CountIf([&](const End& e) { return e.offset <= offset; });
    if (first == 0 || first == count_) return std::nullopt;
    const int64_t start = At(first - 1).position;
    const auto fits = [&](const End& e) { return e.offset <= max_offset && e.position - start <= max_bytes; };
    const size_t past = CountIf(fits);
    if (past > first) return Range{start, At(past - 1).position - start, At(past - 1).offset};
    const End& end = At(first);
    if (at_least_one && end.offset <= max_offset) return Range{start, end.position - start, end.offset};
    return Range{start, 0, -1};
  }

  // Where whole batches from `position` are kept in one piece, or kNowhere.
  int64_t FindRecent(int64_t position, int64_t length) const {
    if (recent_ == nullptr || length > RecentBytes::kRangeBytesMax) return RecentBytes::kNowhere;
    size_t i = CountIf([&](const End& e) { return e.position <= position; });
    if (i == 0 || i == count_ || At(i - 1).position != position) return RecentBytes::kNowhere;
    const int64_t place = recent_[Slot(i)];
    // Other logs keep theirs in between, so every batch is looked at.
    for (; i < count_ && recent_[Slot(i)] >= 0; ++i) {
      if (recent_[Slot(i)] - place != At(i - 1).position - position) break;
      if (At(i).position - position == length) return place;
    }
    return RecentBytes::kNowhere;
  }

 private:
  static constexpr size_t kSize = 128;

  size_t Slot(size_t i) const { return (first_ + i) % kSize; }
  const End& At(size_t i) const { return ends_[Slot(i)]; }
  // Costs memory only once there is a place to remember.
  void Keep(size_t slot, int64_t recent) {
    if (recent_ == nullptr) {
      if (recent < 0) return;
      recent_ = std::make_unique_for_overwrite<int64_t[]>(kSize);
      std::fill_n(recent_.get(), kSize, RecentBytes::kNowhere);
    }
    recent_[slot] = recent;
  }
  // Length of the prefix for which `holds` is true.
  template <typename Holds>
  size_t CountIf(Holds holds) const {
    size_t low = 0, high = count_;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (holds(At(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  std::unique_ptr<End[]> ends_;
  std::unique_ptr<int64_t[]> recent_;  // By the slots of ends_.
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace millrace
