#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace millrace::bench {

// Counts of values from 0 to 2^63 in buckets whose width is at most 1/64 of the value: a quantile is exact to
// 1.6 %, the maximum exactly. Recording is a few nanoseconds and never allocates.
class Histogram {
 public:
  Histogram() : buckets_((64 - kSubBits + 1) << kSubBits) {}

  void Record(int64_t value) {
    const uint64_t v = value < 0 ? 0 : static_cast<uint64_t>(value);
    ++buckets_[IndexOf(v)];
    ++count_;
    sum_ += static_cast<double>(v);
    max_ = std::max(max_, v);
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  // The smallest bucket bound that at least `share` of the values do not exceed; 0 when there are none.
  uint64_t Quantile(double share) const {
    const auto wanted = static_cast<uint64_t>(share * static_cast<double>(count_));
    uint64_t passed = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      passed += buckets_[i];
      if (passed > wanted) return std::min(UpperBound(i), max_);
    }
    return max_;
  }

 private:
  static constexpr int kSubBits = 6;
  static constexpr uint64_t kSub = 1u << kSubBits;

  static size_t IndexOf(uint64_t v) {
    if (v < kSub) return v;
    const int shift = 63 - std::countl_zero(v) - kSubBits;
    return (static_cast<size_t>(shift + 1) << kSubBits) + ((v >> shift) & (kSub - 1));
  }

  static uint64_t UpperBound(size_t index) {
    if (index < kSub) return index;
    const auto shift = (index >> kSubBits) - 1;
    return (((index & (kSub - 1)) | kSub) << shift) + (uint64_t{1} << shift) - 1;
  }

  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace millrace::bench
