#include "engine.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "base/clamped.h"

namespace millrace {

namespace {

// One descriptor per connection and open segment: the usual soft limit of 1024 is gone at once.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

// The appends of one ticket and what happens when they are settled: the attached reply goes straight to the
// reactor from the lane, or an event tells the script.
class Engine::TicketBarrier final : public AppendBarrier {
 public:
  TicketBarrier(Engine& engine, int32_t ticket) : engine_(engine), ticket_(ticket) {}

  // Main thread, before the engine settles its own count.
  void Attach(const ConnectionRef& to, int32_t sequence, std::span<const std::byte> bytes) {
    attached_ = true;
    // A connection that is gone needs no reply, and the script expects no event.
    if (to.handle < 0) return;
    to_ = to;
    reply_.AddReply(to, sequence, bytes);
  }

 private:
  void OnFired(bool ok) noexcept override {
    if (!ok) {
      engine_.events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kTicketFailed), ticket_));
    } else if (attached_) {
      if (!reply_.empty()) engine_.reactors_[to_.reactor]->inbox().Deliver(reply_);
    } else {
      engine_.events_->Push(Event::Of(static_cast<int32_t>(LogEvent::kTicketDone), ticket_));
    }
  }

  Engine& engine_;
  const int32_t ticket_;
  bool attached_ = false;
  ConnectionRef to_;
  InboxBatch reply_;
};

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
      connections_(options.connections_max),
      net_{options.net, *events_, *slab_, connections_, read_ahead_},
      outgoing_(options.network_threads) {
  slab_->OnAvailable([this] { RetryEverywhere(); });
  for (uint32_t i = 0; i < options.network_threads; i++) reactors_.push_back(nullptr);
  for (uint32_t i = 0; i < options.network_threads; i++) {
    reactors_[i] = std::make_unique<Reactor>(i, net_, std::span(reactors_));
  }
  LogStoreOptions log_options;
  log_options.log_threads = options.log_threads;
  logs_ = std::make_unique<LogStore>(RealFileSystem(), *this, log_options);
}

Engine::~Engine() {
  Stop(true);
  for (auto& [ticket, barrier] : open_tickets_) barrier->Settle(false);
  slab_->OnAvailable(nullptr);
}

Status Engine::Start() {
  for (auto& reactor : reactors_) {
    if (Status status = reactor->Start(); !status.ok()) return status;
  }
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
  for (size_t i = 0; i < reactors_.size(); i++) reactors_[i]->inbox().Deliver(outgoing_[i]);
}

size_t Engine::Execute(const Command& command) {
  using Op = Command::Op;
  switch (command.op) {
    case Op::kSend:
    case Op::kSendCopy: {
      const bool copied = command.op == Op::kSendCopy;
      const auto bytes = copied ? CopiedBytes(command.c, command.d) : OutboxBytes(command.c, command.d);
      const auto* slices = reinterpret_cast<const SliceRecord*>(&command + 1);
      const size_t slice_count = static_cast<size_t>(command.e);
      Reply(command, bytes, {slices, slice_count});
      return 1 + (slice_count + 1) / 2;
    }
    case Op::kSendAfterAppends:
      SendAfterAppends(command);
      return 1;
    case Op::kAwaitAppends:
      AwaitAppends(command);
      return 1;
    case Op::kSkip:
      Tell(Message::Kind::kSkip, command.a, command.b);
      return 1;
    case Op::kClose:
      Tell(Message::Kind::kClose, command.a);
      return 1;
    case Op::kPause:
      Tell(Message::Kind::kPause, command.a);
      return 1;
    case Op::kResume:
      Tell(Message::Kind::kResume, command.a);
      return 1;
    case Op::kForget:
      connections_.Release(command.a);
      return 1;
    case Op::kRelease:
      Release(command.a);
      return 1;
    case Op::kAppend:
      AppendFrame(command);
      return 1;
    case Op::kAppendCopy: {
      auto copied = HeapBytes::CopyOf(CopiedBytes(command.c, command.c + command.d));
      Append(command, copied.bytes, std::move(copied.ref));
      return 1;
    }
    case Op::kResumeLog:
      logs_->Resume(command.a);
      return 1;
    case Op::kConfigureLog:
      logs_->Configure(command.a, {Clamped<int64_t>(command.x), Clamped<int64_t>(command.y), command.b, command.c,
                                   Clamped<int64_t>(command.z)});
      return 1;
  }
  return 1;
}

void Engine::Tell(Message::Kind kind, int32_t connection, int32_t sequence) {
  const ConnectionRef to = connections_.Find(connection);
  if (to.handle >= 0) outgoing_[to.reactor].Add(kind, to, sequence);
}

std::span<const std::byte> Engine::OutboxBytes(int32_t start, int32_t end) const {
  assert(start >= 0 && start <= end && static_cast<size_t>(end) <= SharedArea::kOutboxBytes);
  return {area_->outbox.get() + start, static_cast<size_t>(end - start)};
}

std::span<const std::byte> Engine::CopiedBytes(int32_t start, int32_t end) const {
  assert(start >= 0 && start <= end && static_cast<size_t>(end) <= SharedArea::kCopyBytes);
  return {area_->copies.get() + start, static_cast<size_t>(end - start)};
}

void Engine::Reply(const Command& command, std::span<const std::byte> bytes, std::span<const SliceRecord> slices) {
  const ConnectionRef to = connections_.Find(command.a);
  if (to.handle >= 0) AddReply(to, command.b, bytes, slices);
}

void Engine::SendLarge(int32_t connection, int32_t sequence, std::span<const std::byte> bytes, size_t slices) {
  const ConnectionRef to = connections_.Find(connection);
  if (to.handle < 0) return;
  const auto* records = reinterpret_cast<const SliceRecord*>(area_->commands.get());
  AddReply(to, sequence, bytes, {records, std::min(slices, SharedArea::kCommands * 2)});
  Deliver();
}

void Engine::AddReply(const ConnectionRef& to, int32_t sequence, std::span<const std::byte> bytes,
                      std::span<const SliceRecord> slices) {
  InboxBatch& batch = outgoing_[to.reactor];
  batch.AddReply(to, sequence, bytes);
  for (const SliceRecord& record : slices) {
    ReplySlice slice;
    if (Resolve(record, slice)) {
      batch.AddSlice(std::move(slice));
      continue;
    }
    // The segment went away between lookup and send; the reply's length is already told, so it cannot be whole.
    batch.Add(Message::Kind::kAbort, to);
    return;
  }
}

bool Engine::Resolve(const SliceRecord& record, ReplySlice& slice) {
  const auto segment = logs_->Segment(record.log, Clamped<int64_t>(record.segment));
  if (!segment) return false;
  auto descriptor = segment->Acquire();
  if (!descriptor.ok()) return false;
  slice.at = static_cast<uint32_t>(record.at);
  slice.file.fd = descriptor.value()->get();
  slice.file.owner = std::move(descriptor).value();
  slice.file.position = Clamped<int64_t>(record.position);
  slice.file.length = record.length;
  return true;
}

Engine::TicketBarrier* Engine::BarrierOf(int32_t ticket) {
  TicketBarrier*& barrier = open_tickets_[ticket];
  if (barrier == nullptr) barrier = new TicketBarrier(*this, ticket);
  return barrier;
}

Engine::TicketBarrier* Engine::TakeBarrier(int32_t ticket) {
  TicketBarrier* barrier = BarrierOf(ticket);
  open_tickets_.erase(ticket);
  return barrier;
}

void Engine::SendAfterAppends(const Command& command) {
  TicketBarrier* barrier = TakeBarrier(command.e);
  barrier->Attach(connections_.Find(command.a), command.b, OutboxBytes(command.c, command.d));
  barrier->Settle(true);
}

void Engine::AwaitAppends(const Command& command) { TakeBarrier(command.a)->Settle(true); }

void Engine::AppendFrame(const Command& command) {
  Block* block = slab_->FindUsed(static_cast<uint32_t>(command.b));
  if (block == nullptr) {
    // Bytes that nobody holds any more must not be written; the ticket fails instead.
    TicketBarrier* barrier = BarrierOf(command.f);
    barrier->Add();
    barrier->Settle(false);
    return;
  }
  const auto start = static_cast<size_t>(command.c);
  const auto length = static_cast<size_t>(command.d);
  assert(start >= block->position() && start + length <= block->position() + block->capacity());
  block->Ref();
  const auto bytes = slab_->region().subspan(start, length);
  Append(command, bytes, FrameRef(block));
}

void Engine::Append(const Command& command, std::span<const std::byte> bytes, FrameRef owner) {
  TicketBarrier* barrier = BarrierOf(command.f);
  barrier->Add();
  AppendRequest request;
  request.bytes = bytes;
  request.owner = std::move(owner);
  request.base_offset = Clamped<int64_t>(command.x);
  request.end_offset = Clamped<int64_t>(command.y);
  request.max_timestamp = Clamped<int64_t>(command.z);
  request.record_count = command.e;
  request.barrier = barrier;
  logs_->Append(command.a, std::move(request));
}

void Engine::AppendLarge(const Command& command, std::span<const std::byte> bytes) {
  auto copied = HeapBytes::CopyOf(bytes);
  Append(command, copied.bytes, std::move(copied.ref));
}

void Engine::Clean(LogHandle log, CleanRequest request, uint32_t ticket) {
  logs_->Clean(log, std::move(request), this, ticket);
}

int32_t Engine::OpenJob(std::shared_ptr<TranscodeJob> job) {
  last_job_ = last_job_ == INT32_MAX ? 1 : last_job_ + 1;
  open_jobs_[last_job_] = std::move(job);
  return last_job_;
}

void Engine::Transcoded(int32_t job, std::optional<ByteVector> output) {
  const auto open = open_jobs_.extract(job);
  if (!open.empty()) open.mapped()->Complete(std::move(output));
}

void Engine::Start(std::shared_ptr<TranscodeJob> job) {
  auto request = std::make_unique<TranscodeRequest>();
  request->job = std::move(job);
  Event event = Event::Of(static_cast<int32_t>(LogEvent::kTranscode), 0);
  event.payload = request.release();
  events_->Push(event);
}

void Engine::Release(int32_t frame) {
  // A frame released twice would free memory in use; one that nobody holds is a stale handle.
  if (Block* block = slab_->FindUsed(static_cast<uint32_t>(frame))) block->Unref();
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
