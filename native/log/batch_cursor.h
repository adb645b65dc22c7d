#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "codec/batch_header.h"
#include "io/file_system.h"
#include "log/segment_file.h"

namespace millrace {

// Walks the batch headers of a segment from a batch boundary, reading as little as possible: a small window at
// first, a larger one while batches turn out to be small. Lives on one thread's stack.
class BatchCursor {
 public:
  struct Batch {
    BatchExtent extent;
    int64_t position;
    // The first bytes of the batch, at most kBatchHeaderSize; valid until the next call.
    std::span<const std::byte> header;
  };

  // Sees [position, limit), which must end at a batch boundary.
  BatchCursor(FileSystem& file_system, const SegmentFile& file, int64_t position, int64_t limit)
      : file_system_(file_system), file_(file), position_(position), limit_(limit) {}

  // Where the next batch starts.
  int64_t position() const { return position_; }
  // The next batch, nothing at the limit, EILSEQ when the bytes are no batch.
  Result<std::optional<Batch>> Next();

 private:
  Status Fill();

  static constexpr size_t kWindowMin = 512;
  static constexpr size_t kWindowMax = 4096;

  FileSystem& file_system_;
  const SegmentFile& file_;
  std::shared_ptr<const UniqueFd> descriptor_;
  int64_t position_;
  const int64_t limit_;
  int64_t last_size_ = 0;
  int64_t window_start_ = 0;
  size_t window_length_ = 0;
  size_t wanted_ = kWindowMin;
  std::array<std::byte, kWindowMax> window_;
};

}  // namespace millrace
