#pragma once

#include <cstdint>
#include <span>

#include "log/log_store.h"

namespace millrace {

// The rare verbs of a log that take numbers alone, as the script names them. Values are part of the layout.
//
// | verb             | x         | y          | z         |
// | findTimestamp    | timestamp | max offset |           |
// | findMaxTimestamp |           | max offset |           |
// | readBytes        | offset    | max offset | max bytes |
// | readHeaders      | offset    |            | batches   |
// | truncate, advanceStart: x = offset                    |
enum class LogVerb : int32_t {
  kFindTimestamp = 1,
  kFindMaxTimestamp = 2,
  kReadBytes = 3,
  kReadHeaders = 4,
  kRoll = 5,
  kFlush = 6,
  kTruncate = 7,
  kAdvanceStart = 8,
  kClose = 9,
  kEndMove = 10,
};

// Main thread. Ends in one OnDone with the ticket.
void Ask(LogStore& logs, LogVerb verb, uint32_t ticket, LogHandle log, double x, double y, double z);

// One lookup as both sides write it; see `src/native/lookup-rows.ts`.
struct LookupRow {
  // In.
  int32_t log;
  int32_t max_bytes;
  // Out.
  int32_t status;
  int32_t length;
  // In.
  double offset;
  double max_offset;
  // Out.
  double segment;
  double position;
  double end_offset;
  double reserved;
};
static_assert(sizeof(LookupRow) == 64);

// What the rows of one request may take together.
struct LookupBudget {
  int64_t bytes;
  int64_t slices;
  // The first batch is found even if it is larger than every limit.
  bool at_least_one_batch;
};

// Main thread. Answers the rows in order, each within what those before it left of the budget.
void LookUp(LogStore& logs, std::span<LookupRow> rows, LookupBudget budget);

}  // namespace millrace
