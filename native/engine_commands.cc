// What the script's commands do.

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/clamped.h"
#include "engine.h"
#include "ticket_barrier.h"

namespace millrace {

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
  const auto position = Clamped<int64_t>(record.position);
  const SegmentRange range = logs_->Range(record.log, Clamped<int64_t>(record.segment), position, record.length);
  if (!range.file) return false;
  auto descriptor = range.file->Acquire();
  if (!descriptor.ok()) return false;
  slice.at = static_cast<uint32_t>(record.at);
  slice.file.fd = descriptor.value()->get();
  slice.file.owner = std::move(descriptor).value();
  slice.file.position = position;
  slice.file.length = record.length;
  slice.file.recent = range.recent;
  return true;
}

Engine::TicketBarrier* Engine::BarrierOf(int32_t ticket) {
  if (latest_.barrier != nullptr && latest_.ticket == ticket) return latest_.barrier;
  if (latest_.barrier != nullptr) open_tickets_[latest_.ticket] = latest_.barrier;
  latest_ = {ticket, nullptr};
  if (!open_tickets_.empty()) {
    if (auto node = open_tickets_.extract(ticket)) latest_.barrier = node.mapped();
  }
  if (latest_.barrier == nullptr) latest_.barrier = new TicketBarrier(*this, ticket);
  return latest_.barrier;
}

Engine::TicketBarrier* Engine::TakeBarrier(int32_t ticket) {
  (void)BarrierOf(ticket);
  return std::exchange(latest_.barrier, nullptr);
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
  logs_->Stage(command.a, std::move(request));
}

void Engine::AppendLarge(const Command& command, std::span<const std::byte> bytes) {
  auto copied = HeapBytes::CopyOf(bytes);
  Append(command, copied.bytes, std::move(copied.ref));
  Deliver();
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

}  // namespace millrace
