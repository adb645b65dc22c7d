#include "network_watch.h"

#include <uv.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace millrace {

struct NetworkWatch::Handles {
  uv_poll_t poll;
  uv_timer_t timer;
  std::function<void()> due;
  int open = 2;
  // Not by resetting `due`, which may be running.
  bool closed = false;

  static void Due(void* data) {
    auto* self = static_cast<Handles*>(data);
    if (!self->closed) self->due();
  }
  static void Closed(uv_handle_t* handle) {
    auto* self = static_cast<Handles*>(handle->data);
    if (--self->open == 0) delete self;
  }
};

Status NetworkWatch::Start(uv_loop_s* loop, int fd, std::function<void()> due) {
  auto handles = std::make_unique<Handles>();
  if (const int failed = uv_poll_init(loop, &handles->poll, fd); failed != 0) {
    return Status("uv_poll_init", -failed, "");
  }
  uv_timer_init(loop, &handles->timer);
  handles_ = handles.release();
  handles_->due = std::move(due);
  handles_->poll.data = handles_->timer.data = handles_;
  uv_poll_start(&handles_->poll, UV_READABLE, [](uv_poll_t* poll, int, int) { Handles::Due(poll->data); });
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->poll));
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->timer));
  return Status::Ok();
}

void NetworkWatch::Every(int ms) {
  if (handles_ == nullptr || ms == every_ms_) return;
  every_ms_ = ms;
  if (ms <= 0) {
    uv_timer_stop(&handles_->timer);
    return;
  }
  const auto interval = static_cast<uint64_t>(ms);
  uv_timer_start(
      &handles_->timer, [](uv_timer_t* timer) { Handles::Due(timer->data); }, interval, interval);
}

void NetworkWatch::Close() {
  if (handles_ == nullptr) return;
  Handles* handles = std::exchange(handles_, nullptr);
  handles->closed = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&handles->poll), Handles::Closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles->timer), Handles::Closed);
}

}  // namespace millrace
