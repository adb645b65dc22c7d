#pragma once

#include <cstdint>

#include "base/status.h"
#include "log/log_types.h"

namespace millrace {

// Told what happens to logs, on lane and helper threads; events of one log never overlap and arrive in the
// order of its work, OnDone of reads and flushes excepted. Must not block and must not call the LogStore back.
class LogListener {
 public:
  // Every record below end_offset is written, and synced where flush_messages asks for it. Once per group.
  virtual void OnAppended(LogHandle log, int64_t end_offset) = 0;
  // Everything below base_offset is in closed segments.
  virtual void OnRolled(LogHandle log, int64_t base_offset) = 0;
  // An index of this segment did not fit its records; both were made anew.
  virtual void OnIndexRebuilt(LogHandle log, int64_t base_offset) = 0;
  // Nothing past end_offset was kept; appends are refused until Resume. Comes before the refused barriers.
  virtual void OnLogFailed(LogHandle log, int64_t end_offset, Status status) = 0;
  // The verb submitted with this ticket is complete.
  virtual void OnDone(uint32_t ticket, Status status, Payload payload) = 0;

 protected:
  ~LogListener() = default;
};

}  // namespace millrace
