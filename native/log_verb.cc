#include "log_verb.h"

#include <cstdlib>

#include "base/clamped.h"

namespace millrace {

void Ask(LogStore& logs, LogVerb verb, uint32_t ticket, LogHandle log, double x, double y, double z) {
  const auto first = Clamped<int64_t>(x);
  const auto max_offset = Clamped<int64_t>(y);
  const auto count = Clamped<int32_t>(z);
  switch (verb) {
    case LogVerb::kFindTimestamp:
      return logs.FindTimestamp(log, first, max_offset, ticket);
    case LogVerb::kFindMaxTimestamp:
      return logs.FindMaxTimestamp(log, max_offset, ticket);
    case LogVerb::kReadBytes:
      return logs.ReadBytes(log, first, max_offset, count, ticket);
    case LogVerb::kReadHeaders:
      return logs.ReadHeaders(log, first, count, ticket);
    case LogVerb::kRoll:
      return logs.Roll(log, ticket);
    case LogVerb::kFlush:
      return logs.Flush(log, ticket);
    case LogVerb::kTruncate:
      return logs.Truncate(log, first, ticket);
    case LogVerb::kAdvanceStart:
      return logs.AdvanceStart(log, first, ticket);
    case LogVerb::kClose:
      return logs.Close(log, ticket);
  }
  std::abort();
}

LookupStatus LookUp(LogStore& logs, std::array<double, 8>& cells) {
  LookupQuery query;
  query.offset = Clamped<int64_t>(cells[1]);
  query.max_offset = Clamped<int64_t>(cells[2]);
  query.max_bytes = Clamped<int32_t>(cells[3]);
  query.at_least_one_batch = cells[4] != 0;
  const LookupResult result = logs.Lookup(Clamped<LogHandle>(cells[0]), query);
  cells[0] = static_cast<double>(result.segment);
  cells[1] = static_cast<double>(result.position);
  cells[2] = result.length;
  cells[3] = static_cast<double>(result.end_offset);
  return result.status;
}

}  // namespace millrace
