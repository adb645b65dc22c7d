#pragma once

#include <cstdint>

namespace millrace {

// How the script hands commands over: records of 64 bytes in the command area, native byte order. Its mirror is
// `src/native/layout.ts`; the binding exports these numbers and the script compares them at load.
//
// Each record is the op followed by int32 fields at 4, 8, …, 28 (a to g) and doubles at 32, 40, 48 (x, y, z).
//
// | op               | a          | b        | c        | d      | e       | f      | x, y, z                     |
// | send             | connection | sequence | start    | end    | slices  |        |                             |
// | sendAfterAppends | connection | sequence | start    | end    | ticket  | count  |                             |
// | awaitAppends     | ticket     | count    |          |        |         |        |                             |
// | skip             | connection | sequence |          |        |         |        |                             |
// | close pause resume forget: a = connection; release: a = frame; resumeLog: a = log                            |
// | append           | log        | frame    | position | length | records | ticket | base, end, max timestamp    |
// | appendCopy       | log        |          | start    | length | records | ticket | base, end, max timestamp    |
// | sendCopy         | as send, bytes in the copy area                                                           |
// | configureLog     | log        | interval | index    |        |         |        | segment bytes, ms, messages |
//
// `send` is followed by ceil(slices / 2) records of two slices each: at int32, log int32, segment double,
// position double, length int32, 4 bytes unused. Start and end are bytes of the outbox, or of the copy area.
struct Command {
  enum class Op : int32_t {
    kSend = 1,
    kSendCopy = 2,
    kSendAfterAppends = 3,
    kAwaitAppends = 4,
    kSkip = 5,
    kClose = 6,
    kPause = 7,
    kResume = 8,
    kForget = 9,
    kRelease = 10,
    kAppend = 11,
    kAppendCopy = 12,
    kResumeLog = 13,
    kConfigureLog = 14,
  };
  Op op;
  int32_t a, b, c, d, e, f, g;
  double x, y, z;
  double reserved;
};

struct SliceRecord {
  int32_t at;
  int32_t log;
  double segment;
  double position;
  int32_t length;
  int32_t reserved;
};

static_assert(sizeof(Command) == 64);
static_assert(sizeof(SliceRecord) * 2 == sizeof(Command));

// Event types besides those of net/reactor_context.h; values from 100 on carry a payload.
enum class LogEvent : int32_t {
  kAppended = 3,
  kRolled = 4,
  kTicketFailed = 5,
  kTicketDone = 6,
  kLogFailed = 101,
  kDone = 102,
  kStopped = 7,
  kIndexRebuilt = 9,
  kTranscode = 103,
};

}  // namespace millrace
