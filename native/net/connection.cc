#include "net/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "codec/produce_walk.h"

namespace millrace {

Connection::Connection(Adoption adoption, ReactorContext& context)
    : context_(context),
      socket_(std::move(adoption.socket)),
      ref_(adoption.ref),
      framer_(context.chunk, context.shared.options.frame_bytes_max) {
  Event event = Event::Of(static_cast<int32_t>(NetEvent::kAccepted), ref_.handle, adoption.listener);
  auto payload = std::make_unique<AcceptedPeer>();
  payload->peer = std::move(adoption.peer);
  payload->local = LocalEndpoint(socket_.get());
  event.payload = payload.release();
  context_.events.push_back(event);
}

Connection::~Connection() { SetStarving(false); }

bool Connection::MayRead() const {
  const NetOptions& options = context_.shared.options;
  return !over_ && !ending_ && !paused_ && order_.in_flight() < options.connection_frames_max &&
         queue_.bytes() < options.connection_send_bytes_max;
}

uint32_t Connection::WantedInterest() const {
  uint32_t interest = 0;
  if (MayRead() && !waits_for_room()) interest |= EPOLLIN;
  if (blocked_) interest |= EPOLLOUT;
  return interest;
}

void Connection::OnReadable() {
  if (!MayRead() || parse_pending_) return;
  overflowed_ = context_.shared.events.Overflowing();
  if (overflowed_) return;
  const std::span<std::byte> room = framer_.Room();
  SetStarving(room.empty());
  if (room.empty()) return;
  const Moved moved = ReceiveSome(socket_.get(), room);
  if (moved.WouldBlock()) return;
  if (moved.error != 0) return Over(CloseReason::SocketError);
  if (moved.bytes == 0) return Over(CloseReason::Peer);
  framer_.Received(moved.bytes);
  Parse();
  unfinished_bytes_ += moved.bytes;
  if (framer_.pending() == 0 || unfinished_bytes_ >= kProgressBytes) Progressed();
}

void Connection::Parse() {
  parse_pending_ = false;
  for (;;) {
    if (!MayRead()) {
      parse_pending_ = framer_.pending() > 0;
      return;
    }
    Framer::Frame frame;
    switch (framer_.Next(frame)) {
      case Framer::Step::kFrame:
        Publish(frame);
        continue;
      case Framer::Step::kMore:
        // Without memory for the rest, Room asks again when the socket is read next.
        SetStarving(!framer_.Settle());
        return;
      case Framer::Step::kBadSize:
        return End(CloseReason::BadFrameSize, true);
    }
  }
}

void Connection::Publish(const Framer::Frame& frame) {
  const std::span<const std::byte> bytes(frame.block->data() + frame.offset, frame.length);
  frame.block->Ref();
  Event event = Event::Of(static_cast<int32_t>(NetEvent::kFrame), ref_.handle, order_.Received(),
                          static_cast<int32_t>(frame.block->position() + frame.offset));
  event.pair[0] = static_cast<int32_t>(frame.length);
  event.pair[1] = static_cast<int32_t>(WalkProduce(bytes));
  event.f = static_cast<int32_t>(frame.block->index());
  context_.events.push_back(event);
  // Sequences are 32-bit and never wrap: after two billion requests the client has to connect again.
  if (order_.received() == std::numeric_limits<int32_t>::max()) End(CloseReason::Requested, true);
}

void Connection::OnReply(const Message& message, InboxBatch& batch) {
  const std::span bytes = std::span(batch.bytes).subspan(message.bytes_begin, message.bytes_length);
  const std::span slices = std::span(batch.slices).subspan(message.slices_begin, message.slices_count);
  switch (order_.PlaceOf(message.sequence)) {
    case ReplyOrder::Place::kStale:
      return;
    case ReplyOrder::Place::kNow:
      Give(bytes, slices);
      return AdvanceOrder();
    case ReplyOrder::Place::kLater:
      ParkedReply parked;
      parked.bytes.assign(bytes.begin(), bytes.end());
      parked.slices.assign(std::make_move_iterator(slices.begin()), std::make_move_iterator(slices.end()));
      order_.Park(message.sequence, std::move(parked));
  }
}

void Connection::OnSkip(int32_t sequence) {
  switch (order_.PlaceOf(sequence)) {
    case ReplyOrder::Place::kStale:
      return;
    case ReplyOrder::Place::kNow:
      return AdvanceOrder();
    case ReplyOrder::Place::kLater:
      order_.Park(sequence, ParkedReply());
  }
}

void Connection::AdvanceOrder() {
  order_.Advance();
  while (auto parked = order_.TakeNext()) {
    Give(parked->bytes, parked->slices);
    order_.Advance();
  }
}

void Connection::Give(std::span<const std::byte> bytes, std::span<ReplySlice> slices) {
  size_t given = 0;
  for (ReplySlice& slice : slices) {
    const size_t at = std::clamp<size_t>(slice.at, given, bytes.size());
    queue_.Append(bytes.subspan(given, at - given));
    queue_.Append(std::move(slice.file));
    given = at;
  }
  queue_.Append(bytes.subspan(given));
}

void Connection::OnClose() { End(CloseReason::Requested, false); }

void Connection::End(CloseReason reason, bool after_all_replies) {
  if (!ending_) {
    ending_ = reason;
    Progressed();
    SetStarving(false);
    overflowed_ = false;
  }
  // A close asked for by the script waits only for what it gave.
  after_all_replies_ = after_all_replies && ending_ == reason;
}

void Connection::Over(CloseReason reason) {
  if (!over_) over_ = reason;
}

void Connection::OnWarmedUp() {
  reading_file_ = false;
  queue_.WarmedUp();
}

void Connection::Send() {
  yielded_ = false;
  if (queue_.empty() || reading_file_) return;
  const size_t before = queue_.bytes();
  const SendQueue::Outcome outcome = queue_.Flush(socket_.get(), context_.gather);
  if (queue_.bytes() < before) Progressed();
  blocked_ = outcome == SendQueue::Outcome::kBlocked;
  yielded_ = outcome == SendQueue::Outcome::kYield;
  if (outcome == SendQueue::Outcome::kFailed) return Over(CloseReason::SocketError);
  if (outcome == SendQueue::Outcome::kCold) {
    reading_file_ = true;
    context_.shared.read_ahead.Request(queue_.cold(),
                                       [ref = ref_, warmed_up = &context_.warmed_up] { (*warmed_up)(ref); });
  }
}

void Connection::FinishTurn() {
  if (over_) return;
  Send();
  if (over_) return;
  if (overflowed_) overflowed_ = context_.shared.events.Overflowing();
  if (starving_ && MayRead()) SetStarving(framer_.Room().empty());
  if (parse_pending_ && !waits_for_room() && MayRead()) Parse();
  if (ending_ && queue_.empty() && (!after_all_replies_ || order_.in_flight() == 0)) Over(*ending_);
}

void Connection::Progressed() {
  stalled_since_ms_.reset();
  unfinished_bytes_ = 0;
}

void Connection::CheckStall() {
  // Who waits for memory or for the script is not to blame for an unfinished frame.
  const bool hogs = framer_.pending() > 0 && !parse_pending_ && MayRead() && !waits_for_room() &&
                    context_.shared.starving.load(std::memory_order_relaxed) > 0;
  if (!ending_ && !hogs) return Progressed();
  // Counted from here, so that neither idling nor waiting before counts.
  if (!stalled_since_ms_) stalled_since_ms_ = context_.now_ms;
  if (context_.now_ms - *stalled_since_ms_ >= context_.shared.options.stall_ms) Over(CloseReason::SlowPeer);
}

void Connection::SetStarving(bool starving) {
  if (starving == starving_) return;
  starving_ = starving;
  context_.shared.starving.fetch_add(starving ? 1 : -1, std::memory_order_relaxed);
}

}  // namespace millrace
