#include "event_pump.h"

#include <utility>

namespace millrace {

void EventPump::Open(uv_loop_s* loop, Deliver deliver) {
  deliver_ = std::move(deliver);
  doorbell_.Start(loop, [this] { Rang(); });
}

Status EventPump::Start(uv_loop_s* loop) {
  if (Status started = engine_->Start(); !started.ok()) return started;
  if (engine_->network_fd() < 0) return Status::Ok();
  return watch_.Start(loop, engine_->network_fd(), [this] { NetworkTurns(); });
}

void EventPump::Flush(size_t count) {
  engine_->Flush(count);
  watch_.Every(engine_->network_wait_ms());
}

void EventPump::Close() {
  watch_.Close();
  doorbell_.Close();
}

void EventPump::Rang() {
  if (engine_ == nullptr) return;
  bool rest = false;
  if (!DrainRuns(rest)) return;
  if (rest) doorbell_.Ring();
  watch_.Every(engine_->network_wait_ms());
}

void EventPump::NetworkTurns() {
  for (int turn = 0; turn < kTurnsMax; turn++) {
    const bool received = engine_->Receive();
    bool rest = false;
    const bool running = DrainRuns(rest);
    engine_->Send();
    if (!running) return;
    if (rest) doorbell_.Ring();
    if (!received || rest) break;
  }
  watch_.Every(engine_->network_wait_ms());
}

bool EventPump::DrainRuns(bool& rest) {
  for (int run = 0; run < kRunsMax; run++) {
    const std::span<Event> events = engine_->Peek(kRunMax);
    if (events.empty()) return true;
    if (!deliver_(events)) return false;
  }
  rest = true;
  return true;
}

}  // namespace millrace
