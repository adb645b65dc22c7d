#pragma once

#include <functional>

struct uv_loop_s;

namespace millrace {

// Calls back on the main thread after any thread rang. Keeps the event loop alive only when asked to.
class Doorbell {
 public:
  // What rings: outlives the doorbell, for libuv frees it in its own time, so threads may ring until they end.
  class Bell;

  Doorbell() = default;
  ~Doorbell() { Close(); }
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // Main thread.
  void Start(uv_loop_s* loop, std::function<void()> rang);
  void KeepAlive(bool alive);
  // After it threads must not ring any more. Idempotent.
  void Close();

  // Any thread between Start and Close.
  void Ring();
  std::function<void()> Ringer();

 private:
  Bell* bell_ = nullptr;
};

}  // namespace millrace
