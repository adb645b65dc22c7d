#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

// One record of a magic-2 batch as it stands in the (decompressed) records:
//   length varint | attributes i8 | timestampDelta varint | offsetDelta varint | keyLength varint, key |
//   valueLength varint, value | headers
struct RecordView {
  std::span<const std::byte> bytes;  // All of it, the length included.
  std::span<const std::byte> rest;   // From the offset delta on.
  std::byte attributes;
  int64_t timestamp_delta;
  int64_t offset_delta;
  bool has_key;
  bool has_value;
  std::span<const std::byte> key;
};

// Walks the records of one batch. Reads no byte outside of what it was given.
class RecordIterator {
 public:
  RecordIterator(std::span<const std::byte> records, int32_t count) : rest_(records), left_(count) {}

  // False at the end, which is malformed() when the bytes do not hold exactly `count` records.
  bool Next(RecordView& record);
  bool malformed() const { return malformed_; }

 private:
  bool Fail() { return malformed_ = true, false; }

  std::span<const std::byte> rest_;
  int32_t left_;
  bool malformed_ = false;
};

}  // namespace millrace
