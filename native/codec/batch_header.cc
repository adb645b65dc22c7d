#include "codec/batch_header.h"

#include <array>

#include "base/byte_order.h"
#include "codec/crc32c.h"

namespace millrace {
namespace {

constexpr size_t kMagicAt = 16;
// Smallest entries of the old formats: crc, magic, attributes, (timestamp,) key and value length.
constexpr int64_t kLegacySizeMin[2] = {kBatchOverhead + 14, kBatchOverhead + 22};

constexpr auto kIeeeTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (0xEDB88320u & (0u - (c & 1)));
    table[i] = c;
  }
  return table;
}();

// Magic 0 and 1 only, which nobody writes any more: speed does not matter.
uint32_t Crc32Ieee(std::span<const std::byte> bytes) {
  uint32_t c = ~0u;
  for (const std::byte b : bytes) c = (c >> 8) ^ kIeeeTable[(c ^ static_cast<uint32_t>(b)) & 0xff];
  return ~c;
}

int64_t SizeOf(const std::byte* at) { return int64_t{LoadInt32(at + 8)} + static_cast<int64_t>(kBatchOverhead); }

}  // namespace

std::optional<BatchHeader> ParseBatchHeader(std::span<const std::byte> bytes) {
  if (bytes.size() < kBatchHeaderSize) return std::nullopt;
  const std::byte* at = bytes.data();
  const int64_t size = SizeOf(at);
  if (static_cast<int8_t>(at[kMagicAt]) != kMagic || size < static_cast<int64_t>(kBatchHeaderSize)) {
    return std::nullopt;
  }
  return BatchHeader{
      .base_offset = LoadInt64(at),
      .size = size,
      .leader_epoch = LoadInt32(at + 12),
      .crc = LoadUint32(at + 17),
      .attributes = LoadInt16(at + 21),
      .last_offset_delta = LoadInt32(at + 23),
      .base_timestamp = LoadInt64(at + 27),
      .max_timestamp = LoadInt64(at + 35),
      .producer_id = LoadInt64(at + 43),
      .producer_epoch = LoadInt16(at + 51),
      .base_sequence = LoadInt32(at + 53),
      .record_count = LoadInt32(at + 57),
  };
}

std::optional<BatchExtent> ParseBatchExtent(std::span<const std::byte> bytes) {
  if (bytes.size() <= kMagicAt) return std::nullopt;
  const std::byte* at = bytes.data();
  const int8_t magic = static_cast<int8_t>(at[kMagicAt]);
  const int64_t offset = LoadInt64(at);
  const int64_t size = SizeOf(at);
  if (offset < 0) return std::nullopt;
  if (magic == 0 || magic == 1) {
    const size_t needed = magic == 0 ? kMagicAt + 2 : kMagicAt + 10;
    if (size < kLegacySizeMin[magic] || bytes.size() < needed) return std::nullopt;
    const int64_t timestamp = magic == 0 ? -1 : LoadInt64(at + kMagicAt + 2);
    return BatchExtent{size, offset, offset, timestamp, magic};
  }
  if (magic != kMagic || size < static_cast<int64_t>(kBatchHeaderSize) || bytes.size() < kBatchExtentSize) {
    return std::nullopt;
  }
  const int32_t delta = LoadInt32(at + 23);
  if (delta < 0 || offset > INT64_MAX - delta) return std::nullopt;
  return BatchExtent{size, offset, offset + delta, LoadInt64(at + 35), magic};
}

Inspection Inspect(std::span<const std::byte> bytes) {
  if (bytes.size() <= kMagicAt) return Inspection::Truncated;
  if (static_cast<int8_t>(bytes[kMagicAt]) != kMagic) return Inspection::BadMagic;
  if (bytes.size() < kBatchHeaderSize) return Inspection::Truncated;
  const int64_t size = SizeOf(bytes.data());
  if (size < static_cast<int64_t>(kBatchHeaderSize) || size > static_cast<int64_t>(bytes.size())) {
    return Inspection::Truncated;
  }
  const auto batch = bytes.first(static_cast<size_t>(size));
  if (Crc32c(batch.subspan(kBatchCrcStart)) != LoadUint32(bytes.data() + 17)) return Inspection::BadCrc;
  return batch.size() == bytes.size() ? Inspection::Valid : Inspection::TrailingBytes;
}

bool ChecksumMatches(std::span<const std::byte> bytes) {
  if (bytes.size() <= kMagicAt) return false;
  if (static_cast<int8_t>(bytes[kMagicAt]) == kMagic) return Inspect(bytes) == Inspection::Valid;
  return Crc32Ieee(bytes.subspan(kMagicAt)) == LoadUint32(bytes.data() + kBatchOverhead);
}

}  // namespace millrace
