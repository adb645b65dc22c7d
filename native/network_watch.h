#pragma once

#include <functional>

#include "base/status.h"

struct uv_loop_s;

namespace millrace {

// Has the event loop of the main thread look after the network when no thread of its own does: calls back whenever
// the descriptor is readable, and at an interval. Keeps nothing alive. Main thread.
class NetworkWatch {
 public:
  NetworkWatch() = default;
  ~NetworkWatch() { Close(); }
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

  [[nodiscard]] Status Start(uv_loop_s* loop, int fd, std::function<void()> due);
  // Also calls back every so many milliseconds; not positive: never.
  void Every(int ms);
  // Before the descriptor is closed. Idempotent.
  void Close();

 private:
  // Outlives the watch: libuv frees it in its own time.
  struct Handles;
  Handles* handles_ = nullptr;
  int every_ms_ = -1;
};

}  // namespace millrace
