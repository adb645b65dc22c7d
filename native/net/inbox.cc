#include "net/inbox.h"

#include <iterator>

namespace millrace {

namespace {

constexpr size_t kBytesKept = 1024 * 1024;
constexpr size_t kMessagesKept = 16 * 1024;

template <typename T>
void MoveAll(std::vector<T>& into, std::vector<T>& from) {
  into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void InboxBatch::Append(InboxBatch&& other) {
  const auto bytes_base = static_cast<uint32_t>(bytes.size());
  const auto slices_base = static_cast<uint32_t>(slices.size());
  const auto adoptions_base = static_cast<int32_t>(adoptions.size());
  const auto listeners_base = static_cast<int32_t>(listeners.size());
  for (Message& message : other.messages) {
    message.bytes_begin += bytes_base;
    message.slices_begin += slices_base;
    if (message.kind == Message::Kind::kAdopt) message.sequence += adoptions_base;
    if (message.kind == Message::Kind::kListen) message.sequence += listeners_base;
  }
  messages.insert(messages.end(), other.messages.begin(), other.messages.end());
  bytes.insert(bytes.end(), other.bytes.begin(), other.bytes.end());
  MoveAll(slices, other.slices);
  MoveAll(adoptions, other.adoptions);
  MoveAll(listeners, other.listeners);
}

void InboxBatch::Clear() {
  if (bytes.capacity() > kBytesKept) std::vector<std::byte>().swap(bytes);
  if (messages.capacity() > kMessagesKept) std::vector<Message>().swap(messages);
  messages.clear();
  bytes.clear();
  slices.clear();
  adoptions.clear();
  listeners.clear();
}

void Inbox::Deliver(InboxBatch& batch) {
  if (batch.empty()) return;
  bool ring;
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      // Dropped below.
    } else if (waiting_.empty()) {
      std::swap(waiting_, batch);
    } else {
      waiting_.Append(std::move(batch));
    }
    ring = std::exchange(asleep_, false);
  }
  batch.Clear();
  if (ring) doorbell_.Ring();
}

void Inbox::Close() {
  InboxBatch dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  std::swap(waiting_, dropped);
}

void Inbox::Take(InboxBatch& batch) {
  std::lock_guard lock(mutex_);
  std::swap(waiting_, batch);
}

bool Inbox::FallAsleep() {
  std::lock_guard lock(mutex_);
  asleep_ = waiting_.empty();
  return asleep_;
}

void Inbox::WakeUp() {
  std::lock_guard lock(mutex_);
  asleep_ = false;
}

}  // namespace millrace
