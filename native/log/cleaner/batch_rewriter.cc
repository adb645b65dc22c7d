#include "log/cleaner/batch_rewriter.h"

#include <algorithm>

#include "base/byte_order.h"
#include "codec/crc32c.h"
#include "codec/varint.h"

namespace millrace {
namespace {

// Timestamps are the client's, so sums wrap as Java's do instead of overflowing.
int64_t Add(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t Subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

void AppendRedated(ByteVector& out, const RecordView& record, int64_t timestamp_delta) {
  const size_t length = 1 + VarintSize(timestamp_delta) + record.rest.size();
  AppendVarint(out, static_cast<int64_t>(length));
  out.push_back(record.attributes);
  AppendVarint(out, timestamp_delta);
  out.insert(out.end(), record.rest.begin(), record.rest.end());
}

}  // namespace

RewrittenBatch RewriteBatch(const BatchHeader& header, std::span<const RecordView> kept,
                            int64_t new_delete_horizon_ms) {
  RewrittenBatch result{header, {}};
  BatchHeader& rewritten = result.header;
  rewritten.record_count = static_cast<int32_t>(kept.size());
  if (new_delete_horizon_ms != kNoHorizon) {
    rewritten.attributes |= kDeleteHorizonBit;
    rewritten.base_timestamp = new_delete_horizon_ms;
  }
  const int64_t moved = Subtract(header.base_timestamp, rewritten.base_timestamp);
  int64_t max_timestamp = INT64_MIN;
  size_t bytes = 0;
  for (const RecordView& record : kept) bytes += record.bytes.size() + 10;
  result.records.reserve(bytes);
  for (const RecordView& record : kept) {
    max_timestamp = std::max(max_timestamp, Add(header.base_timestamp, record.timestamp_delta));
    if (moved == 0) {
      result.records.insert(result.records.end(), record.bytes.begin(), record.bytes.end());
    } else {
      AppendRedated(result.records, record, Add(record.timestamp_delta, moved));
    }
  }
  if (!header.log_append_time()) rewritten.max_timestamp = max_timestamp;
  return result;
}

ByteVector AssembleBatch(const BatchHeader& header, std::span<const std::byte> records) {
  ByteVector batch(kBatchHeaderSize);
  batch.reserve(kBatchHeaderSize + records.size());
  batch.insert(batch.end(), records.begin(), records.end());
  std::byte* at = batch.data();
  StoreInt64(at, header.base_offset);
  StoreInt32(at + 8, static_cast<int32_t>(batch.size() - kBatchOverhead));
  StoreInt32(at + 12, header.leader_epoch);
  at[16] = static_cast<std::byte>(kMagic);
  StoreInt16(at + 21, header.attributes);
  StoreInt32(at + 23, header.last_offset_delta);
  StoreInt64(at + 27, header.base_timestamp);
  StoreInt64(at + 35, header.max_timestamp);
  StoreInt64(at + 43, header.producer_id);
  StoreInt16(at + 51, header.producer_epoch);
  StoreInt32(at + 53, header.base_sequence);
  StoreInt32(at + 57, header.record_count);
  StoreUint32(at + 17, Crc32c(std::span<const std::byte>(batch).subspan(kBatchCrcStart)));
  return batch;
}

ByteVector EmptyBatch(const BatchHeader& header) {
  BatchHeader empty = header;
  empty.attributes = static_cast<int16_t>(header.attributes & ~(kCodecMask | kDeleteHorizonBit));
  empty.base_timestamp = -1;
  empty.record_count = 0;
  return AssembleBatch(empty, {});
}

}  // namespace millrace
