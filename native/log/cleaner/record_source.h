#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "log/cleaner/segment_reader.h"
#include "log/cleaner/transcoder.h"

namespace millrace {

// The records of one chunk's batches, decompressed where need be: a few batches ahead, so that the codecs' threads
// and the cleaner work at the same time. Cleaner thread.
class RecordSource {
 public:
  RecordSource(Transcoder* transcoder, const Cancellation& cancelled)
      : transcoder_(transcoder), cancelled_(cancelled) {}

  // The next chunk; its bytes must stay until the one after it.
  void Begin(std::span<const BatchView> batches);
  // Of batches in ascending order, some of which may be left out. Valid until the next call.
  Result<std::span<const std::byte>> RecordsOf(size_t index);

 private:
  // Batches decompressed at once. Each may expand to what the codec room allows at most.
  static constexpr size_t kAheadMax = 4;

  void StartAhead(size_t index);

  Transcoder* const transcoder_;
  const Cancellation& cancelled_;
  std::span<const BatchView> batches_;
  std::vector<std::shared_ptr<TranscodeJob>> jobs_;
  size_t started_ = 0;
  size_t passed_ = 0;
  ByteVector records_;
};

}  // namespace millrace
