#include "doorbell.h"

#include <uv.h>

#include <utility>

namespace millrace {

class Doorbell::Bell {
 public:
  uv_async_t async;
  std::function<void()> rang;
  // Not by resetting `rang`, which may be running.
  bool closed = false;
};

void Doorbell::Start(uv_loop_s* loop, std::function<void()> rang) {
  bell_ = new Bell{{}, std::move(rang)};
  uv_async_init(loop, &bell_->async, [](uv_async_t* async) {
    auto* bell = static_cast<Bell*>(async->data);
    if (!bell->closed) bell->rang();
  });
  bell_->async.data = bell_;
  KeepAlive(false);
}

void Doorbell::KeepAlive(bool alive) {
  if (bell_ == nullptr) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(&bell_->async);
  alive ? uv_ref(handle) : uv_unref(handle);
}

void Doorbell::Close() {
  if (bell_ == nullptr) return;
  Bell* bell = std::exchange(bell_, nullptr);
  bell->closed = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&bell->async),
           [](uv_handle_t* handle) { delete static_cast<Bell*>(handle->data); });
}

void Doorbell::Ring() {
  if (bell_ != nullptr) uv_async_send(&bell_->async);
}

std::function<void()> Doorbell::Ringer() {
  return [bell = bell_] { uv_async_send(&bell->async); };
}

}  // namespace millrace
