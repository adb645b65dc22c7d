#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>

namespace millrace {

// Counts the outstanding appends of one ticket and fires exactly once, when the last of them is settled.
//
// Lifecycle: the engine creates it on the main thread with one count of its own, adds one per append it
// submits, and settles its own count once no further append can join the ticket. A lane settles one count per
// append, written or refused. Whoever brings the count to zero runs OnFired on its own thread and the barrier
// deletes itself; no pointer to it may be used after Settle.
class AppendBarrier {
 public:
  AppendBarrier() = default;
  AppendBarrier(const AppendBarrier&) = delete;
  AppendBarrier& operator=(const AppendBarrier&) = delete;

  // Main thread, before the append is handed to a lane.
  void Add() noexcept { remaining_.fetch_add(1, std::memory_order_relaxed); }

  // Any thread, once per count.
  void Settle(bool ok) noexcept {
    if (!ok) failed_.store(true, std::memory_order_relaxed);
    const uint32_t before = remaining_.fetch_sub(1, std::memory_order_acq_rel);
    assert(before > 0);
    if (before == 1) {
      OnFired(!failed_.load(std::memory_order_relaxed));
      delete this;
    }
  }

 protected:
  virtual ~AppendBarrier() = default;
  // `ok` when every append of the ticket was written.
  virtual void OnFired(bool ok) noexcept = 0;

 private:
  std::atomic<uint32_t> remaining_{1};
  std::atomic<bool> failed_{false};
};

}  // namespace millrace
