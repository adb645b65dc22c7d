#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace millrace {

// Whether writes to the page cache return at once. The kernel makes writers wait when the disk cannot keep up or the
// journal commits; a thread that must not wait leaves writing to the lanes from the first such write on, until none
// was met for a while. Any thread.
class WritePace {
 public:
  using Clock = std::chrono::steady_clock;

  void Wrote(Clock::time_point started) {
    const Clock::time_point now = Clock::now();
    if (now - started >= kSlow) brisk_from_.store((now + kRest).time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool brisk() const {
    return Clock::now().time_since_epoch().count() >= brisk_from_.load(std::memory_order_relaxed);
  }

 private:
  // Longer than a time slice of the scheduler, which says nothing about the disk.
  static constexpr std::chrono::milliseconds kSlow{4};
  static constexpr std::chrono::milliseconds kRest{500};

  std::atomic<Clock::rep> brisk_from_{0};
};

}  // namespace millrace
