#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "log/cleaner/batch_rewriter.h"
#include "log/cleaner/clean_types.h"
#include "log/cleaner/offset_map.h"
#include "log/cleaner/record_source.h"
#include "log/cleaner/transaction_filter.h"

namespace millrace {

// Kafka's rules for what stays of a batch. Cleaner thread.
//
//   aborted data batch                 records go
//   marker, nothing of its transaction left    gets a delete horizon; goes once that has passed
//   record with an offset above the keys looked at     stays
//   record with a key                  stays when it is the newest of its key, and a tombstone only until the
//                                      batch's delete horizon, which is set when a clean first keeps one
//   record without a key               goes
//   batch that lost all its records    goes, unless it is the newest of an active producer or the last below the
//                                      end of the round: then its empty header stays
class BatchFilter {
 public:
  // `latest_offset`: the last one the map knows of.
  BatchFilter(const CleanRequest& request, const OffsetMap& map, int64_t latest_offset);

  struct Verdict {
    enum class Kind { Drop, KeepWhole, KeepEmpty, Rewrite } kind = Kind::Drop;
    // Of Rewrite.
    std::optional<RewrittenBatch> rewritten;
  };
  // Batches come in the order of the log, each with the source that has its records at `index`.
  Result<Verdict> Judge(const BatchView& batch, RecordSource& source, size_t index);

  // Aborted transactions whose marker was met and which readers must still know of, since the last call.
  std::vector<AbortedSpan> TakeKeptAborted() { return std::exchange(kept_aborted_, {}); }

  int64_t records_read = 0;
  int64_t records_kept = 0;
  int64_t records_invalid = 0;

 private:
  bool MustKeepHeader(const BatchHeader& batch) const;
  bool KeepsRecord(const BatchHeader& batch, const RecordView& record);

  const CleanRequest& request_;
  const OffsetMap& map_;
  const int64_t latest_offset_;
  TransactionFilter transactions_;
  std::unordered_map<int64_t, ActiveProducer> producers_;
  std::vector<AbortedSpan> kept_aborted_;
  std::vector<RecordView> kept_;
};

// What a control batch says; `records` are its bytes.
TransactionFilter::Marker MarkerOf(const BatchView& batch);

}  // namespace millrace
