#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "log/cleaner/cancellation.h"

namespace millrace {

// Bytes per second that all cleaners of a store share. Any thread.
class Throttle {
 public:
  void SetRate(double bytes_per_second);
  // Books the bytes and waits until their time has come, or the clean is cancelled.
  void Charge(int64_t bytes, const Cancellation& cancelled);

 private:
  using Clock = std::chrono::steady_clock;

  std::mutex mutex_;
  double bytes_per_second_ = 1e300;  // Guarded by mutex_.
  Clock::time_point free_at_{};      // Guarded by mutex_: what was booked so far is through by then.
};

}  // namespace millrace
