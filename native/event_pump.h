#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "doorbell.h"
#include "engine.h"
#include "network_watch.h"

namespace millrace {

// Brings an engine's events to the script from the event loop of the main thread, whenever a thread rang, and makes
// the turns of a network that has no thread of its own. Main thread.
class EventPump {
 public:
  // Gives a run of events to the script; false when no more can follow.
  using Deliver = std::function<bool(std::span<Event>)>;

  // First the bell, which the engine is created with, then the engine, then its threads.
  void Open(uv_loop_s* loop, Deliver deliver);
  std::function<void()> Ringer() { return doorbell_.Ringer(); }
  void Attach(Engine& engine) { engine_ = &engine; }
  [[nodiscard]] Status Start(uv_loop_s* loop);
  void Flush(size_t count);
  void KeepAlive(bool alive) { doorbell_.KeepAlive(alive); }
  // When every thread of the engine has ended. Idempotent.
  void Close();

 private:
  // Events given to the script in one call, and calls per doorbell; timers and other sockets get their turn
  // between.
  static constexpr size_t kRunMax = 4096;
  static constexpr int kRunsMax = 8;
  // Turns of the network per call; the same rule.
  static constexpr int kTurnsMax = 16;

  void Rang();
  void NetworkTurns();
  // False when no more can follow; `rest` tells whether more wait.
  bool DrainRuns(bool& rest);

  Engine* engine_ = nullptr;
  Deliver deliver_;
  Doorbell doorbell_;
  NetworkWatch watch_;
};

}  // namespace millrace
