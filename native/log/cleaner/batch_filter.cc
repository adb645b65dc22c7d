#include "log/cleaner/batch_filter.h"

#include <cerrno>
#include <utility>

#include "base/byte_order.h"

namespace millrace {

TransactionFilter::Marker MarkerOf(const BatchView& batch) {
  using Marker = TransactionFilter::Marker;
  if (batch.header.record_count == 0) return Marker::Empty;
  // Key: int16 version, int16 type; 0 aborts, 1 commits. Control batches are never compressed.
  RecordIterator records(batch.records(), batch.header.record_count);
  RecordView record;
  if (batch.header.compressed() || !records.Next(record) || record.key.size() < 4) return Marker::Other;
  switch (LoadInt16(record.key.data() + 2)) {
    case 0:
      return Marker::Abort;
    case 1:
      return Marker::Commit;
    default:
      return Marker::Other;
  }
}

BatchFilter::BatchFilter(const CleanRequest& request, const OffsetMap& map, int64_t latest_offset)
    : request_(request), map_(map), latest_offset_(latest_offset), transactions_(request.aborted) {
  for (const ActiveProducer& producer : request.producers) producers_.emplace(producer.producer_id, producer);
}

Result<BatchFilter::Verdict> BatchFilter::Judge(const BatchView& batch, RecordSource& source, size_t index) {
  const BatchHeader& header = batch.header;
  const bool over = header.control() ? transactions_.OnMarker(header, MarkerOf(batch), kept_aborted_)
                                     : transactions_.OnBatch(header);
  const bool horizon_passed = header.has_delete_horizon() && header.base_timestamp <= request_.now_ms;
  const bool discard = over && (!header.control() || horizon_passed);
  Verdict verdict;
  kept_.clear();
  bool whole = true;
  bool tombstones = false;
  records_read += header.record_count;
  if (discard || header.record_count == 0) {
    whole = false;
  } else {
    const auto bytes = source.RecordsOf(index);
    if (!bytes.ok()) return bytes.status();
    RecordIterator records(bytes.value(), header.record_count);
    for (RecordView record; records.Next(record);) {
      if (!header.control() && !KeepsRecord(header, record)) {
        whole = false;
        continue;
      }
      kept_.push_back(record);
      tombstones = tombstones || !record.has_value;
    }
    if (records.malformed()) return Status("read records", EILSEQ, "");
  }
  if (kept_.empty()) {
    if (MustKeepHeader(header)) verdict.kind = Verdict::Kind::KeepEmpty;
    return verdict;
  }
  records_kept += static_cast<int64_t>(kept_.size());
  const bool needs_horizon = !header.has_delete_horizon() && (tombstones || (header.control() && over));
  if (whole && !needs_horizon) {
    verdict.kind = Verdict::Kind::KeepWhole;
    return verdict;
  }
  verdict.kind = Verdict::Kind::Rewrite;
  verdict.rewritten =
      RewriteBatch(header, kept_, needs_horizon ? request_.now_ms + request_.delete_retention_ms : kNoHorizon);
  return verdict;
}

bool BatchFilter::KeepsRecord(const BatchHeader& batch, const RecordView& record) {
  const int64_t offset = batch.base_offset + record.offset_delta;
  if (offset > latest_offset_) return true;
  if (!record.has_key) {
    ++records_invalid;
    return false;
  }
  if (offset < map_.Get(record.key)) return false;
  return record.has_value || !batch.has_delete_horizon() || request_.now_ms < batch.base_timestamp;
}

bool BatchFilter::MustKeepHeader(const BatchHeader& batch) const {
  if (batch.last_offset() + 1 == request_.first_uncleanable_offset) return true;
  if (batch.producer_id < 0) return false;
  const auto active = producers_.find(batch.producer_id);
  if (active == producers_.end()) return false;
  const ActiveProducer& producer = active->second;
  if (producer.last_data_offset >= 0) return batch.last_offset() == producer.last_data_offset;
  return batch.control() && batch.producer_epoch == producer.epoch;
}

}  // namespace millrace
