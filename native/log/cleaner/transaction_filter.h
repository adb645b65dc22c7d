#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "codec/batch_header.h"
#include "log/cleaner/clean_types.h"

namespace millrace {

// Which batches of transactions can go, told batch after batch in the order of the log. Cleaner thread.
class TransactionFilter {
 public:
  // `aborted` in any order; those that ended before the first batch shown must not be among them.
  explicit TransactionFilter(std::vector<AbortedSpan> aborted);

  // Whether a data batch belongs to an aborted transaction.
  bool OnBatch(const BatchHeader& batch);

  enum class Marker { Abort, Commit, Other, Empty };
  // Whether nothing of the marker's transaction was seen, so that the marker may go once it is old enough. The
  // aborted transaction that readers must still be told about, if it is one, is added to `kept`.
  bool OnMarker(const BatchHeader& batch, Marker marker, std::vector<AbortedSpan>& kept);

 private:
  struct Ongoing {
    AbortedSpan span;
    bool seen = false;
  };

  void BeginUpTo(int64_t offset);

  std::vector<AbortedSpan> aborted_;  // By first offset.
  size_t next_ = 0;
  std::unordered_map<int64_t, Ongoing> aborting_;  // By producer.
  std::unordered_set<int64_t> committing_;
};

}  // namespace millrace
