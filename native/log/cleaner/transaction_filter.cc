#include "log/cleaner/transaction_filter.h"

#include <algorithm>
#include <utility>

namespace millrace {

TransactionFilter::TransactionFilter(std::vector<AbortedSpan> aborted) : aborted_(std::move(aborted)) {
  std::sort(aborted_.begin(), aborted_.end(),
            [](const AbortedSpan& a, const AbortedSpan& b) { return a.first_offset < b.first_offset; });
}

bool TransactionFilter::OnBatch(const BatchHeader& batch) {
  BeginUpTo(batch.last_offset());
  if (!batch.transactional()) return false;
  const auto aborting = aborting_.find(batch.producer_id);
  if (aborting == aborting_.end()) {
    committing_.insert(batch.producer_id);
    return false;
  }
  aborting->second.seen = true;
  return true;
}

bool TransactionFilter::OnMarker(const BatchHeader& batch, Marker marker, std::vector<AbortedSpan>& kept) {
  BeginUpTo(batch.last_offset());
  switch (marker) {
    case Marker::Abort: {
      const auto aborting = aborting_.find(batch.producer_id);
      if (aborting == aborting_.end()) return true;
      const Ongoing ended = aborting->second;
      aborting_.erase(aborting);
      if (ended.seen) kept.push_back(ended.span);
      return !ended.seen;
    }
    case Marker::Commit:
      return committing_.erase(batch.producer_id) == 0;
    case Marker::Empty:
      return true;
    case Marker::Other:
      return false;
  }
  return false;
}

void TransactionFilter::BeginUpTo(int64_t offset) {
  for (; next_ < aborted_.size() && aborted_[next_].first_offset <= offset; ++next_) {
    aborting_.try_emplace(aborted_[next_].producer_id, Ongoing{aborted_[next_]});
  }
}

}  // namespace millrace
