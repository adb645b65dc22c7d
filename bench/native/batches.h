#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire.h"

namespace millrace::bench {

struct BatchShape {
  // Of the value of one record; keys are null and headers absent.
  size_t record_bytes;
  // The batch holds as many records as fit into it, at least one.
  size_t batch_bytes;
  // -1 for a plain batch; else its sequences begin at `base_sequence`, in epoch 0.
  int64_t producer_id = -1;
  int32_t base_sequence = -1;
};

struct Batch {
  std::vector<std::byte> bytes;
  int32_t records = 0;
};

// A plain magic-2 batch with base offset 0 and a right CRC. The values are pseudo-random from `seed`, so that
// nothing between the two ends can gain from their content.
Batch BuildBatch(const BatchShape& shape, uint64_t seed, int64_t timestamp_ms);

// One whole batch, compressed in any way, from a file; ends the program when it is not one.
Batch ReadBatchFile(const std::string& path);

// Recomputes the CRC after the records were changed.
void SealBatch(std::span<std::byte> batch);

// Calls `visit(offset, value)` for every record of one uncompressed batch; false when it is malformed.
template <typename Visit>
bool VisitRecords(Bytes batch, Visit visit);

// Where the value of the first record of a batch of `BuildBatch` begins.
size_t FirstValuePosition(const Batch& batch);

int64_t WallClockMs();

}  // namespace millrace::bench

#include "batches_inl.h"
