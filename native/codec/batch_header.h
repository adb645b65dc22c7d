#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace millrace {

// Record batch, magic 2, big-endian:
//   0 baseOffset i64 | 8 batchLength i32 (bytes after this field) | 12 partitionLeaderEpoch i32 | 16 magic i8
//   17 crc u32 (CRC-32C of bytes 21..end) | 21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64
//   35 maxTimestamp i64 | 43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32 | 57 recordCount i32
// Base offset and leader epoch lie outside the sum, so stamping them leaves it valid.
inline constexpr size_t kBatchHeaderSize = 61;
// Base offset and length: what must be read to know where a batch ends, in every format.
inline constexpr size_t kBatchOverhead = 12;
inline constexpr size_t kBatchCrcStart = 21;
inline constexpr int8_t kMagic = 2;
inline constexpr int16_t kCodecMask = 0x07;
inline constexpr int16_t kDeleteHorizonBit = 0x40;

struct BatchHeader {
  int64_t base_offset;
  // Whole batch, header and overhead included.
  int64_t size;
  int32_t leader_epoch;
  uint32_t crc;
  int16_t attributes;
  int32_t last_offset_delta;
  int64_t base_timestamp;
  int64_t max_timestamp;
  int64_t producer_id;
  int16_t producer_epoch;
  int32_t base_sequence;
  int32_t record_count;

  int64_t last_offset() const { return base_offset + last_offset_delta; }
  bool compressed() const { return (attributes & 0x07) != 0; }
  int codec() const { return attributes & 0x07; }
  bool log_append_time() const { return (attributes & 0x08) != 0; }
  bool transactional() const { return (attributes & 0x10) != 0; }
  bool control() const { return (attributes & 0x20) != 0; }
  // The base timestamp is then the time from which tombstones and markers of the batch may go.
  bool has_delete_horizon() const { return (attributes & kDeleteHorizonBit) != 0; }
};

// The header at the front of `bytes`, which may hold less or more than the batch. Nothing when fewer than 61
// bytes are there, the magic is not 2, or the length cannot hold a header.
std::optional<BatchHeader> ParseBatchHeader(std::span<const std::byte> bytes);

// What every format ever written to a `.log` has in common. Entries of magic 0 and 1 carry their last offset in
// front and are 12 bytes longer than their size field says, as magic 2 is.
struct BatchExtent {
  int64_t size;
  int64_t first_offset;  // Of magic 0 and 1: the last offset, for the first is inside the wrapper.
  int64_t last_offset;
  int64_t max_timestamp;  // -1 for magic 0.
  int8_t magic;
};
// Bytes that ParseBatchExtent wants to see.
inline constexpr size_t kBatchExtentSize = 43;
std::optional<BatchExtent> ParseBatchExtent(std::span<const std::byte> bytes);

// Values are those of Inspection in engine.ts.
enum class Inspection : int32_t { Valid = 0, Truncated = 1, BadMagic = 2, BadCrc = 3, TrailingBytes = 4 };

// Whether `bytes` is exactly one whole magic-2 batch with a matching sum.
Inspection Inspect(std::span<const std::byte> bytes);

// The same for a stored batch of any magic; `bytes` is exactly its extent.
bool ChecksumMatches(std::span<const std::byte> bytes);

}  // namespace millrace
