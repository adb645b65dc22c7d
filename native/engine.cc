#include "engine.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "ticket_barrier.h"

namespace millrace {

namespace {

// Descriptors that connections leave alone: the runtime's own, small files, and enough for the logs to go on.
constexpr rlim_t kDescriptorsKept = 128;

size_t ConnectionsMax(size_t wanted) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const rlim_t kept = std::min(kDescriptorsKept, limit.rlim_cur / 2);
  return std::min<size_t>(wanted, limit.rlim_cur - kept);
}

// One descriptor per connection and open segment: the usual soft limit of 1024 is gone at once.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Create(const EngineOptions& options, std::function<void()> wake) {
  RaiseDescriptorLimit();
  std::shared_ptr<Slab> slab =
      Slab::Create(options.slab_bytes, Framer::BlockBytesMax(options.net.frame_bytes_max));
  if (!slab) return Status("mmap", errno == 0 ? ENOMEM : errno, "slab");
  return std::unique_ptr<Engine>(new Engine(options, std::move(slab), std::move(wake)));
}

Engine::Engine(const EngineOptions& options, std::shared_ptr<Slab> slab, std::function<void()> wake)
    : options_(options),
      slab_(std::move(slab)),
      events_(std::make_shared<EventRing>(kEventCapacity, std::move(wake), [this] { RetryEverywhere(); })),
      area_(std::make_shared<SharedArea>()),
      connections_(ConnectionsMax(options.connections_max)),
      net_{options.net, *events_, *slab_, connections_, read_ahead_, &recent_, [this] { return logs_->MakeRoom(); }},
      driven_(options.network_threads == 0),
      outgoing_(std::max(options.network_threads, 1u)) {
  slab_->OnAvailable([this] { RetryEverywhere(); });
  for (uint32_t i = 0; i < outgoing_.size(); i++) reactors_.push_back(nullptr);
  for (uint32_t i = 0; i < outgoing_.size(); i++) {
    reactors_[i] = std::make_unique<Reactor>(i, net_, std::span(reactors_));
  }
  LogStoreOptions log_options;
  log_options.log_threads = options.log_threads;
  log_options.recent = &recent_;
  logs_ = std::make_unique<LogStore>(RealFileSystem(), *this, log_options);
}

Engine::~Engine() {
  Stop(true);
  if (latest_.barrier != nullptr) open_tickets_[latest_.ticket] = latest_.barrier;
  for (auto& [ticket, barrier] : open_tickets_) barrier->Settle(false);
  slab_->OnAvailable(nullptr);
}

Status Engine::Start() {
  for (auto& reactor : reactors_) {
    if (Status status = driven_ ? reactor->Open() : reactor->Start(); !status.ok()) return status;
  }
  // From here on messages ring.
  if (driven_) network_wait_ms_ = reactors_[0]->Rest();
  return Status::Ok();
}

void Engine::Stop(bool wait) {
  if (!stopping_) {
    stopping_ = true;
    stopper_ = std::thread([this] { Shutdown(); });
  }
  if (wait && stopper_.joinable()) stopper_.join();
}

void Engine::Shutdown() {
  // Lanes first: replies attached to their last appends still find a reactor.
  logs_->Shutdown();
  for (auto& reactor : reactors_) reactor->Stop();
  for (auto& reactor : reactors_) reactor->Join();
  read_ahead_.Stop();
  // The script may keep the buffer for long; its memory goes back now.
  const auto region = slab_->region();
  (void)::madvise(region.data(), region.size(), MADV_DONTNEED);
  events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kStopped), 0));
}

void Engine::RetryEverywhere() {
  for (auto& reactor : reactors_) {
    InboxBatch batch;
    batch.Add(Message::Kind::kRetry, ConnectionRef());
    reactor->inbox().Deliver(batch);
  }
}

std::span<Event> Engine::Peek(size_t max) {
  const std::span<Event> events = events_->Peek(max);
  for (Event& event : events) {
    if (event.type != static_cast<int32_t>(LogEvent::kAppended)) continue;
    event.number = static_cast<double>(published_ends_.Collect(event.a));
  }
  return events;
}

Result<uint16_t> Engine::Listen(int32_t listener, const Endpoint& wanted, int backlog) {
  Endpoint bound;
  Result<UniqueFd> socket = ListenOn(wanted, backlog, options_.net.socket, bound);
  if (!socket.ok()) return socket.status();
  InboxBatch batch;
  batch.Add(Message::Kind::kListen, ConnectionRef());
  batch.listeners.push_back({std::move(socket).value(), listener});
  reactors_[0]->inbox().Deliver(batch);
  return bound.port;
}

void Engine::CloseListener(int32_t listener) {
  InboxBatch batch;
  batch.Add(Message::Kind::kCloseListener, ConnectionRef{listener, 0, 0});
  reactors_[0]->inbox().Deliver(batch);
}

void Engine::Flush(size_t count) {
  // Lanes and reactors are going away; what the script still says is void.
  if (stopping_) return;
  count = std::min(count, SharedArea::kCommands);
  for (size_t index = 0; index < count;) index += Execute(area_->commands[index]);
  Deliver();
}

void Engine::Deliver() {
  // Replies attached to what is written now leave with the others.
  logs_->Dispatch();
  if (driven_) {
    if (outgoing_[0].empty()) return;
    Reactor& reactor = *reactors_[0];
    // Nobody has to be woken: within a turn it ends with sending, and outside of one this is the end.
    if (!in_turn_) reactor.inbox().WakeUp();
    reactor.inbox().Deliver(outgoing_[0]);
    if (!in_turn_) EndTurn();
    return;
  }
  for (size_t i = 0; i < reactors_.size(); i++) reactors_[i]->inbox().Deliver(outgoing_[i]);
}

bool Engine::Receive() {
  in_turn_ = true;
  events_->StayAwake();
  return reactors_[0]->Receive();
}

void Engine::Send() {
  in_turn_ = false;
  EndTurn();
}

void Engine::EndTurn() {
  reactors_[0]->Send();
  network_wait_ms_ = reactors_[0]->Rest();
  // The rest follows when others had their turn.
  if (network_wait_ms_ == 0) reactors_[0]->inbox().Wake();
}

void Engine::OnAppended(LogHandle log, int64_t end_offset) {
  if (published_ends_.Publish(log, end_offset)) {
    events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kAppended), log));
  }
}

void Engine::OnRolled(LogHandle log, int64_t base_offset) {
  Event event = Event::Of(static_cast<int32_t>(LogEvent::kRolled), log);
  event.number = static_cast<double>(base_offset);
  events_->Push(event);
}

void Engine::OnIndexRebuilt(LogHandle log, int64_t base_offset) {
  Event event = Event::Of(static_cast<int32_t>(LogEvent::kIndexRebuilt), log);
  event.number = static_cast<double>(base_offset);
  events_->Push(event);
}

void Engine::OnLogFailed(LogHandle log, int64_t end_offset, Status status) {
  Event event = Event::Of(static_cast<int32_t>(LogEvent::kLogFailed), log);
  event.number = static_cast<double>(end_offset);
  auto failure = std::make_unique<LogFailure>();
  failure->status = std::move(status);
  event.payload = failure.release();
  events_->Push(event);
}

void Engine::OnDone(uint32_t ticket, Status status, Payload payload) {
  Event event = Event::Of(static_cast<int32_t>(LogEvent::kDone), static_cast<int32_t>(ticket));
  auto completion = std::make_unique<Completion>();
  completion->status = std::move(status);
  completion->payload = std::move(payload);
  event.payload = completion.release();
  events_->Push(event);
}

}  // namespace millrace
