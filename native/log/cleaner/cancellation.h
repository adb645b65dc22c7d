#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "base/status.h"

namespace millrace {

// How long a cleaner that waits for something may take to notice that it is not wanted any more.
inline constexpr std::chrono::milliseconds kCancellationCheck{50};

// Told to a cleaner when its log is closed. Any thread.
class Cancellation {
 public:
  explicit Cancellation(std::string directory) : directory_(std::move(directory)) {}

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  Status status() const { return Status("clean", ECANCELED, directory_); }
  Status Check() const { return cancelled() ? status() : Status::Ok(); }

 private:
  const std::string directory_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace millrace
