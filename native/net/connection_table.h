#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

namespace millrace {

// Which reactor serves a connection handle, and which of the connections that had this handle is meant.
struct ConnectionRef {
  int32_t handle = -1;
  uint32_t generation = 0;
  uint32_t reactor = 0;
};

// Hands out connection handles: small integers, so that the script can index arrays by them.
//
// A handle is acquired on the accepting reactor and released on the main thread after the script saw `closed`
// and every command it gave before was handed over. Messages carry the generation, so that a late reply for
// an earlier connection never reaches the next one. The oldest free handle is reused first, and new ones are
// preferred until kReuseDistance are free: a script that keeps a dead handle by mistake then names nothing.
class ConnectionTable {
 public:
  static constexpr size_t kReuseDistance = 1024;

  explicit ConnectionTable(size_t connections_max)
      : connections_max_(connections_max), rows_(std::make_unique<Row[]>(connections_max)) {}

  // Any thread. A negative handle when connections_max are open.
  ConnectionRef Acquire(uint32_t reactor) {
    std::lock_guard lock(mutex_);
    int32_t handle;
    if (used_ < connections_max_ && free_.size() < kReuseDistance) {
      handle = static_cast<int32_t>(used_++);
    } else if (!free_.empty()) {
      handle = free_.front();
      free_.pop_front();
    } else {
      return {};
    }
    Row& row = rows_[static_cast<size_t>(handle)];
    row.generation++;
    row.reactor = reactor;
    row.open = true;
    return {handle, row.generation, reactor};
  }

  // Main thread. A negative handle when no connection of the script has it.
  ConnectionRef Find(int32_t handle) {
    std::lock_guard lock(mutex_);
    if (handle < 0 || static_cast<size_t>(handle) >= used_) return {};
    const Row& row = rows_[static_cast<size_t>(handle)];
    if (!row.open) return {};
    return {handle, row.generation, row.reactor};
  }

  // Main thread, once per acquired handle.
  void Release(int32_t handle) {
    std::lock_guard lock(mutex_);
    if (handle < 0 || static_cast<size_t>(handle) >= used_) return;
    Row& row = rows_[static_cast<size_t>(handle)];
    if (!row.open) return;
    row.open = false;
    free_.push_back(handle);
  }

 private:
  struct Row {
    uint32_t generation = 0;
    uint32_t reactor = 0;
    bool open = false;
  };

  const size_t connections_max_;
  std::mutex mutex_;
  // Guarded by mutex_.
  const std::unique_ptr<Row[]> rows_;
  size_t used_ = 0;
  std::deque<int32_t> free_;
};

}  // namespace millrace
