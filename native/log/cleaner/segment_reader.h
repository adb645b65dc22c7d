#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "codec/batch_header.h"
#include "io/file_system.h"
#include "log/log_types.h"
#include "log/segment_file.h"

namespace millrace {

struct BatchView {
  BatchHeader header;
  // The whole batch; its checksum was found to match.
  std::span<const std::byte> bytes;

  std::span<const std::byte> records() const { return bytes.subspan(kBatchHeaderSize); }
};

// Reads a closed segment chunk after chunk, whole batches only. Cleaner thread.
class SegmentReader {
 public:
  // Sees [position, limit), both batch boundaries. A chunk has `chunk_bytes`, more where one batch needs it.
  SegmentReader(FileSystem& file_system, const SegmentFile& file, int64_t position, int64_t limit, int64_t chunk_bytes);

  // The batches of the next chunk, none at the end; valid until the next call. EILSEQ for damaged bytes, ENOTSUP
  // for the formats before magic 2.
  Result<std::span<const BatchView>> Next();
  int64_t position() const { return position_; }

 private:
  Result<size_t> Fill(size_t wanted);
  Status Parse(size_t filled);

  FileSystem& file_system_;
  const SegmentFile& file_;
  int64_t position_;
  const int64_t limit_;
  const size_t chunk_bytes_;
  std::shared_ptr<const UniqueFd> descriptor_;
  ByteVector buffer_;
  std::vector<BatchView> batches_;
};

}  // namespace millrace
