#include "net/reactor.h"

#include <sys/epoll.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/thread_name.h"

namespace millrace {

namespace {

int64_t MonotonicMs() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

uint64_t KeyOf(const ConnectionRef& ref) {
  return uint64_t{ref.generation & 0x7fffffff} << 32 | static_cast<uint32_t>(ref.handle);
}

void Control(int epoll, int operation, int fd, uint32_t interest, uint64_t key) {
  epoll_event event{};
  event.events = interest;
  event.data.u64 = key;
  (void)::epoll_ctl(epoll, operation, fd, &event);
}

}  // namespace

Reactor::Reactor(uint32_t index, NetShared& shared, std::span<const std::unique_ptr<Reactor>> reactors)
    : index_(index),
      shared_(shared),
      reactors_(reactors),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      context_(shared) {
  context_.warmed_up = [this](ConnectionRef ref) {
    InboxBatch batch;
    batch.Add(Message::Kind::kWarmedUp, ref);
    inbox_.Deliver(batch);
  };
}

Reactor::~Reactor() {
  Stop();
  Join();
}

Status Reactor::Open() {
  if (!epoll_.valid()) return Status("epoll_create1", EMFILE, "");
  if (!inbox_.valid()) return Status("eventfd", EMFILE, "");
  Control(epoll_.get(), EPOLL_CTL_ADD, inbox_.doorbell().fd(), EPOLLIN, kWakeKey);
  return Status::Ok();
}

Status Reactor::Start() {
  if (Status opened = Open(); !opened.ok()) return opened;
  thread_ = std::thread([this] {
    NameThread("net-reactor");
    Run();
  });
  return Status::Ok();
}

void Reactor::Stop() {
  stopping_.store(true, std::memory_order_release);
  inbox_.Wake();
}

void Reactor::Join() {
  if (thread_.joinable()) return thread_.join();
  std::lock_guard lock(turn_mutex_);
  CloseEverything();
}

void Reactor::Run() {
  while (!stopping_.load(std::memory_order_acquire)) {
    ReceiveFor(inbox_.FallAsleep() ? WaitMs() : 0);
    FinishTurn();
  }
  CloseEverything();
}

bool Reactor::Receive() {
  std::lock_guard lock(turn_mutex_);
  return !stopping_.load(std::memory_order_acquire) && ReceiveFor(0) > 0;
}

void Reactor::Send() {
  std::lock_guard lock(turn_mutex_);
  if (stopping_.load(std::memory_order_acquire)) return;
  inbox_.WakeUp();
  TakeMessages();
  FinishTurn();
}

int Reactor::Rest() {
  std::lock_guard lock(turn_mutex_);
  return inbox_.FallAsleep() ? WaitMs() : 0;
}

int Reactor::ReceiveFor(int wait_ms) {
  std::array<epoll_event, kEpollEventsMax> happened;
  const int count = ::epoll_wait(epoll_.get(), happened.data(), kEpollEventsMax, wait_ms);
  inbox_.WakeUp();
  context_.now_ms = MonotonicMs();
  // Messages first: what the script said before a client sent something holds when that is read.
  TakeMessages();
  for (int i = 0; i < count; i++) {
    const epoll_event& event = happened[static_cast<size_t>(i)];
    OnSocket(event.data.u64, event.events);
  }
  // The script starts on the frames before this thread sends.
  PublishEvents();
  return count;
}

void Reactor::FinishTurn() {
  FinishTouched();
  PublishEvents();
  Tick();
}

int Reactor::WaitMs() const {
  if (!again_.empty()) return 0;
  if (!waiting_.empty() || ending_count_ > 0 || listeners_disarmed_) return kTickMs;
  return connection_count_ > 0 ? kIdleTickMs : -1;
}

void Reactor::OnSocket(uint64_t key, uint32_t happened) {
  if (key == kWakeKey) return inbox_.doorbell().Drain();
  if ((key & kListenerBit) != 0) return Accept(static_cast<int32_t>(key & 0x7fffffff));
  const auto handle = static_cast<int32_t>(key & 0xffffffff);
  if (static_cast<size_t>(handle) >= connections_.size()) return;
  Connection* connection = connections_[static_cast<size_t>(handle)].get();
  if (connection == nullptr || KeyOf(connection->ref()) != key) return;
  Touch(*connection);
  if ((happened & EPOLLIN) != 0) {
    connection->OnReadable();
  } else if ((happened & (EPOLLERR | EPOLLHUP)) != 0) {
    // Reading is off, so nothing else would notice; left alone it would be reported for ever.
    connection->OnAbort();
  }
}

void Reactor::TakeMessages() {
  inbox_.Take(batch_);
  for (const Message& message : batch_.messages) Handle(message, batch_);
  batch_.Clear();
}

void Reactor::Handle(const Message& message, InboxBatch& batch) {
  switch (message.kind) {
    case Message::Kind::kAdopt:
      return Adopt(std::move(batch.adoptions[static_cast<size_t>(message.sequence)]));
    case Message::Kind::kListen:
      return Listen(std::move(batch.listeners[static_cast<size_t>(message.sequence)]));
    case Message::Kind::kCloseListener:
      return CloseListener(message.connection);
    case Message::Kind::kRetry:
      again_.insert(again_.end(), waiting_.begin(), waiting_.end());
      return waiting_.clear();
    default:
      break;
  }
  Connection* connection = Find(message.connection, message.generation);
  if (connection == nullptr) return;
  Touch(*connection);
  switch (message.kind) {
    case Message::Kind::kReply:
      return connection->OnReply(message, batch);
    case Message::Kind::kSkip:
      return connection->OnSkip(message.sequence);
    case Message::Kind::kClose:
      return connection->OnClose();
    case Message::Kind::kAbort:
      return connection->OnAbort();
    case Message::Kind::kPause:
      return connection->OnPause();
    case Message::Kind::kResume:
      return connection->OnResume();
    case Message::Kind::kWarmedUp:
      return connection->OnWarmedUp();
    default:
      return;
  }
}

void Reactor::Adopt(Adoption adoption) {
  const auto handle = static_cast<size_t>(adoption.ref.handle);
  if (handle >= connections_.size()) connections_.resize(handle + 1);
  connections_[handle] = std::make_unique<Connection>(std::move(adoption), context_);
  Connection& connection = *connections_[handle];
  connection_count_++;
  connection.interest = EPOLLIN;
  Control(epoll_.get(), EPOLL_CTL_ADD, connection.socket(), EPOLLIN, KeyOf(connection.ref()));
}

void Reactor::Listen(ListenerSocket listener) {
  const int fd = listener.socket.get();
  listeners_[listener.listener] = std::move(listener.socket);
  Control(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN, kListenerBit | static_cast<uint32_t>(listener.listener));
}

void Reactor::CloseListener(int32_t listener) {
  listeners_.erase(listener);
  context_.events.push_back(Event::Of(static_cast<int32_t>(NetEvent::kListenerClosed), listener));
}

void Reactor::Accept(int32_t listener) {
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) return;
  for (int i = 0; i < kAcceptsMax; i++) {
    Adoption adoption;
    int error = 0;
    adoption.socket = AcceptOne(found->second.get(), adoption.peer, error);
    if (error == EAGAIN) return;
    if ((error == EMFILE || error == ENFILE) && shared_.make_room && shared_.make_room()) continue;
    if (error != 0) {
      // Out of descriptors or memory: pending connections stay in the backlog until the next tick.
      Control(epoll_.get(), EPOLL_CTL_DEL, found->second.get(), 0, 0);
      listeners_disarmed_ = true;
      return;
    }
    const uint32_t target = next_reactor_++ % static_cast<uint32_t>(reactors_.size());
    adoption.ref = shared_.connections.Acquire(target);
    adoption.listener = listener;
    // Above the limit the socket is closed at once, which the client sees as a reset.
    if (adoption.ref.handle < 0) continue;
    if (target == index_) {
      Adopt(std::move(adoption));
      continue;
    }
    InboxBatch batch;
    batch.Add(Message::Kind::kAdopt, adoption.ref);
    batch.adoptions.push_back(std::move(adoption));
    reactors_[target]->inbox().Deliver(batch);
  }
}

void Reactor::ArmListeners() {
  listeners_disarmed_ = false;
  for (const auto& [listener, socket] : listeners_) {
    Control(epoll_.get(), EPOLL_CTL_ADD, socket.get(), EPOLLIN, kListenerBit | static_cast<uint32_t>(listener));
  }
}

void Reactor::PublishEvents() {
  shared_.events.Push(context_.events);
  context_.events.clear();
}

void Reactor::FinishTouched() {
  std::vector<ConnectionRef> again;
  std::swap(again, again_);
  for (const ConnectionRef& ref : again) {
    Connection* connection = Find(ref.handle, ref.generation);
    if (connection == nullptr) continue;
    connection->listed_waiting = false;
    Touch(*connection);
  }
  // By index: nothing in Finish touches another connection, but the list must not be trusted to stay put.
  for (size_t i = 0; i < touched_.size(); i++) {
    if (Connection* connection = Find(touched_[i].handle, touched_[i].generation)) Finish(*connection);
  }
  touched_.clear();
}

void Reactor::Finish(Connection& connection) {
  connection.touched = false;
  const bool was_ending = connection.counted_ending;
  connection.FinishTurn();
  if (connection.over()) return Destroy(connection);
  if (connection.ending() && !was_ending) {
    connection.counted_ending = true;
    ending_count_++;
  }
  if (connection.yielded()) again_.push_back(connection.ref());
  if (connection.waits_for_room() && !connection.listed_waiting) {
    connection.listed_waiting = true;
    waiting_.push_back(connection.ref());
  }
  const uint32_t wanted = connection.WantedInterest();
  if (wanted == connection.interest) return;
  connection.interest = wanted;
  Control(epoll_.get(), EPOLL_CTL_MOD, connection.socket(), wanted, KeyOf(connection.ref()));
}

void Reactor::Tick() {
  if (context_.now_ms - ticked_ms_ < kTickMs) return;
  ticked_ms_ = context_.now_ms;
  if (listeners_disarmed_) ArmListeners();
  // A wake-up may have been lost to a race with another reactor's allocation.
  again_.insert(again_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
  if (ending_count_ == 0 && shared_.starving.load(std::memory_order_relaxed) == 0) return;
  for (const auto& connection : connections_) {
    if (!connection) continue;
    connection->CheckStall();
    if (connection->over()) again_.push_back(connection->ref());
  }
}

void Reactor::Touch(Connection& connection) {
  if (connection.touched) return;
  connection.touched = true;
  touched_.push_back(connection.ref());
}

Connection* Reactor::Find(int32_t handle, uint32_t generation) {
  if (handle < 0 || static_cast<size_t>(handle) >= connections_.size()) return nullptr;
  Connection* connection = connections_[static_cast<size_t>(handle)].get();
  return connection != nullptr && connection->ref().generation == generation ? connection : nullptr;
}

void Reactor::Destroy(Connection& connection) {
  if (connection.counted_ending) ending_count_--;
  connection_count_--;
  const int32_t handle = connection.ref().handle;
  context_.events.push_back(Event::Of(static_cast<int32_t>(NetEvent::kClosed), handle,
                                      static_cast<int32_t>(*connection.over())));
  connections_[static_cast<size_t>(handle)].reset();
}

void Reactor::CloseEverything() {
  // Another reactor may have accepted a connection for this one, or be about to.
  inbox_.Close();
  listeners_.clear();
  connections_.clear();
  PublishEvents();
}

}  // namespace millrace
