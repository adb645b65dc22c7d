#include "log_verb.h"

#include <algorithm>
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
    case LogVerb::kEndMove:
      return logs.EndMove(log, ticket);
  }
  std::abort();
}

void LookUp(LogStore& logs, std::span<LookupRow> rows, LookupBudget budget) {
  for (LookupRow& row : rows) {
    const int64_t max_bytes = std::clamp<int64_t>(row.max_bytes, 0, std::max<int64_t>(budget.bytes, 0));
    row.status = static_cast<int32_t>(LookupStatus::Empty);
    row.length = 0;
    if (max_bytes == 0 && !budget.at_least_one_batch) continue;
    LookupQuery query;
    query.offset = Clamped<int64_t>(row.offset);
    query.max_offset = Clamped<int64_t>(row.max_offset);
    query.max_bytes = static_cast<int32_t>(max_bytes);
    query.at_least_one_batch = budget.at_least_one_batch;
    const LookupResult result = logs.Lookup(row.log, query);
    row.status = static_cast<int32_t>(result.status);
    if (result.status != LookupStatus::Found) continue;
    row.segment = static_cast<double>(result.segment);
    row.position = static_cast<double>(result.position);
    row.length = result.length;
    row.end_offset = static_cast<double>(result.end_offset);
    budget.at_least_one_batch = false;
    budget.bytes -= result.length;
    if (--budget.slices <= 0) budget.bytes = 0;
  }
}

}  // namespace millrace
