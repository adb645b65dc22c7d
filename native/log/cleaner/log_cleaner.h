#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "log/cleaner/batch_filter.h"
#include "log/cleaner/clean_types.h"
#include "log/cleaner/cleaned_segment.h"
#include "log/cleaner/offset_map.h"
#include "log/cleaner/segment_groups.h"
#include "log/cleaner/throttle.h"
#include "log/log.h"

namespace millrace {

// One round over one log: the newest offset of every key between the first dirty and the first uncleanable offset,
// then every segment below copied without what these supersede, group after group. The lane of the log swaps each
// copy in. On a cleaner thread of its own; nobody else cleans the log meanwhile.
class LogCleaner {
 public:
  // `transcoder` may be null where nothing is compressed.
  LogCleaner(std::shared_ptr<Log> log, CleanRequest request, Transcoder* transcoder, Throttle& throttle);

  CleanResult Run();

 private:
  Status BuildMap();
  // False when the map is full.
  Result<bool> MapSegment(const CleanSource& source, TransactionFilter& transactions, RecordSource& records);
  Result<bool> MapBatch(const BatchView& batch, RecordSource& records, size_t index);
  Status Copy();
  Status CleanGroup(const std::vector<CleanSource>& group, BatchFilter& filter);
  Status CopySegment(const CleanSource& source, BatchFilter& filter, CleanedSegment& target);
  Status Swap(const std::vector<CleanSource>& group, CleanedSegment& target, bool& taken);
  Status OnLane(const std::function<Status(Log&)>& work);
  void NoteSwapped(const std::vector<CleanSource>& group, const std::vector<AbortedSpan>& kept);
  std::vector<CleanSource> SourcesBelow(int64_t offset) const;

  const std::shared_ptr<Log> log_;
  const CleanRequest request_;
  Transcoder* const transcoder_;
  Throttle& throttle_;
  const Cancellation& cancelled_;
  const LogView view_;
  OffsetMap map_;
  int64_t latest_offset_ = -1;
  CleanResult result_;
};

}  // namespace millrace
