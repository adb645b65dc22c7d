#include "log/cleaner/throttle.h"

#include <algorithm>
#include <thread>

namespace millrace {
namespace {

// Above it no wait would be noticed.
constexpr double kUnlimited = 1e15;
// One charge waits no longer than this, however small the rate is.
constexpr double kSecondsMax = 60;

}  // namespace

void Throttle::SetRate(double bytes_per_second) {
  std::lock_guard lock(mutex_);
  bytes_per_second_ = std::max(bytes_per_second, 1.0);
}

void Throttle::Charge(int64_t bytes, const Cancellation& cancelled) {
  Clock::time_point until;
  {
    std::lock_guard lock(mutex_);
    if (bytes_per_second_ >= kUnlimited) return;
    const std::chrono::duration<double> cost(std::min(static_cast<double>(bytes) / bytes_per_second_, kSecondsMax));
    free_at_ = std::max(free_at_, Clock::now()) + std::chrono::duration_cast<Clock::duration>(cost);
    until = free_at_;
  }
  for (;;) {
    const auto left = until - Clock::now();
    if (left <= Clock::duration::zero() || cancelled.cancelled()) return;
    std::this_thread::sleep_for(std::min<Clock::duration>(left, kCancellationCheck));
  }
}

}  // namespace millrace
