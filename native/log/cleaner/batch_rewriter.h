#pragma once

#include <cstdint>
#include <span>

#include "codec/batch_header.h"
#include "log/cleaner/record_iterator.h"
#include "log/log_types.h"

namespace millrace {

// Batches with some of their records taken out. Offsets, the last offset delta and the producer's fields stay, so
// that neither readers nor producers notice where something was.

// What a rewritten batch will be, its records aside.
struct RewrittenBatch {
  BatchHeader header;
  ByteVector records;  // Not compressed.
};
// `kept` are records of the batch with this header. With a delete horizon the base timestamp becomes that time, and
// the records' timestamps are counted from it.
RewrittenBatch RewriteBatch(const BatchHeader& header, std::span<const RecordView> kept, int64_t new_delete_horizon_ms);

// The bytes of a batch; size and checksum are made anew, `records` are compressed as the header says.
ByteVector AssembleBatch(const BatchHeader& header, std::span<const std::byte> records);

// What is left of a batch that only tells of its producer, or where the log ends.
ByteVector EmptyBatch(const BatchHeader& header);

inline constexpr int64_t kNoHorizon = -1;

}  // namespace millrace
