#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "log/cleaner/clean_types.h"
#include "log/cleaner/segment_reader.h"
#include "log/cleaner/transcoder.h"
#include "log/log_context.h"
#include "log/segment.h"

namespace millrace {

// The segment a group of others is copied to, under `.cleaned` names. Cleaner thread, until the log takes it over.
// Unless it is taken its files are removed with the object.
class CleanedSegment {
 public:
  CleanedSegment(LogContext& context, const std::string& directory, int64_t base_offset, const LogOptions& options,
                 const Cancellation& cancelled);
  ~CleanedSegment();

  // Creates the file; leftovers of an earlier attempt go.
  Status Create();
  // Batches in the order of the log. What they point to must stay until Flush.
  void AddWhole(const BatchView& batch);
  void AddBatch(ByteVector batch);
  // Its records are still on their way through a codec.
  void AddCompressing(const BatchHeader& header, std::shared_ptr<TranscodeJob> records);
  // Writes what was added since, as one.
  Status Flush();
  // Seals and syncs everything. The files are dated as the newest of those they replace.
  Status Finish(std::span<const AbortedSpan> aborted, int64_t modified_ms);

  int64_t bytes() const { return position_; }
  const std::shared_ptr<Segment>& segment() const { return segment_; }
  std::shared_ptr<Segment> Take() { return std::move(segment_); }

 private:
  struct Pending {
    std::span<const std::byte> bytes;
    ByteVector owned{};
    BatchHeader header{};
    std::shared_ptr<TranscodeJob> records;
  };
  // Results of codecs held at once; past it the oldest is waited for.
  static constexpr size_t kCompressingMax = 4;

  Status Settle(Pending& pending);
  Status WriteAborted(std::span<const AbortedSpan> aborted);

  LogContext& context_;
  const std::string directory_;
  const LogOptions options_;
  const Cancellation& cancelled_;
  std::shared_ptr<Segment> segment_;
  std::vector<Pending> pending_;
  size_t compressing_ = 0;
  Status failure_;
  int64_t position_ = 0;
};

}  // namespace millrace
