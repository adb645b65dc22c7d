#include "codec/record_timestamps.h"

#include "codec/batch_header.h"

namespace millrace {
namespace {

// Reads zigzag varints from a bounded range.
class VarintReader {
 public:
  explicit VarintReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }
  size_t left() const { return bytes_.size() - position_; }
  bool Skip(size_t count) {
    if (count > left()) return false;
    position_ += count;
    return true;
  }
  std::optional<int64_t> Next() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && left() > 0; shift += 7) {
      const auto byte = static_cast<uint64_t>(bytes_[position_++]);
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
    }
    return std::nullopt;
  }

 private:
  std::span<const std::byte> bytes_;
  size_t position_ = 0;
};

// Wraps around like Java's long arithmetic instead of overflowing.
int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

}  // namespace

std::optional<RecordTimestamp> FirstRecordAtOrAfter(std::span<const std::byte> batch, int64_t timestamp,
                                                    int64_t start_offset, int64_t max_offset) {
  const auto header = ParseBatchHeader(batch);
  if (!header || header->size > static_cast<int64_t>(batch.size())) return std::nullopt;
  VarintReader reader(batch.first(static_cast<size_t>(header->size)).subspan(kBatchHeaderSize));
  for (int32_t i = 0; i < header->record_count; ++i) {
    const auto length = reader.Next();
    if (!length || *length < 0 || static_cast<uint64_t>(*length) > reader.left()) return std::nullopt;
    const size_t end = reader.position() + static_cast<size_t>(*length);
    if (!reader.Skip(1)) return std::nullopt;
    const auto timestamp_delta = reader.Next();
    const auto offset_delta = reader.Next();
    if (!timestamp_delta || !offset_delta || reader.position() > end) return std::nullopt;
    const RecordTimestamp record{
        WrappingAdd(header->base_offset, *offset_delta),
        header->log_append_time() ? header->max_timestamp : WrappingAdd(header->base_timestamp, *timestamp_delta)};
    if (record.offset >= max_offset) return std::nullopt;
    if (record.timestamp >= timestamp && record.offset >= start_offset) return record;
    (void)reader.Skip(end - reader.position());
  }
  return std::nullopt;
}

}  // namespace millrace
