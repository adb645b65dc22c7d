#pragma once

#include <array>
#include <cstdint>

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
};

// Main thread. Ends in one OnDone with the ticket.
void Ask(LogStore& logs, LogVerb verb, uint32_t ticket, LogHandle log, double x, double y, double z);

// Main thread. In: log, offset, max offset, max bytes, whether at least one batch. Out, from the first cell again:
// base offset of the segment, position, length, end offset.
LookupStatus LookUp(LogStore& logs, std::array<double, 8>& cells);

}  // namespace millrace
