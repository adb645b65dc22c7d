#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace millrace {

struct RecordTimestamp {
  int64_t offset;
  int64_t timestamp;
};

// The first record of an uncompressed magic-2 batch with a timestamp at or after `timestamp` and an offset in
// [start_offset, max_offset). Stops quietly at bytes that are no record.
std::optional<RecordTimestamp> FirstRecordAtOrAfter(std::span<const std::byte> batch, int64_t timestamp,
                                                    int64_t start_offset, int64_t max_offset);

}  // namespace millrace
