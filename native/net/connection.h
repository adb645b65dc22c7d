#pragma once

#include <cstdint>
#include <optional>

#include "net/framer.h"
#include "net/inbox.h"
#include "net/reactor_context.h"
#include "net/reply_order.h"
#include "net/send_queue.h"

namespace millrace {

// One accepted socket. Reactor thread of its owner.
//
// Lifecycle: made from an adoption; reads frames and hands them to the event batch; gives replies out in frame
// order; ends by Close, by the peer, or by an error. The reactor destroys it when `over()` has a reason.
//
// It stops reading while any of these holds: paused by the script, connection_frames_max frames unanswered,
// connection_send_bytes_max reply bytes unsent, the event ring overflowing, no slab memory, or ending.
class Connection {
 public:
  Connection(Adoption adoption, ReactorContext& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const ConnectionRef& ref() const { return ref_; }
  int socket() const { return socket_.get(); }
  std::optional<CloseReason> over() const { return over_; }

  // The socket is readable, or failed.
  void OnReadable();
  void OnReply(const Message& message, InboxBatch& batch);
  void OnSkip(int32_t sequence);
  void OnClose();
  void OnAbort() { Over(CloseReason::SocketError); }
  void OnPause() { paused_ = true; }
  void OnResume() { paused_ = false; }
  void OnWarmedUp();
  // Last step of a turn in which something happened to it: sends, takes up reading again, decides whether it
  // is over.
  void FinishTurn();
  // Every tick while somebody waits for memory or is ending: enforces stall_ms.
  void CheckStall();

  // What epoll should report.
  uint32_t WantedInterest() const;
  uint32_t interest = 0;
  // Already in the reactor's list of this turn.
  bool touched = false;
  // Already in the reactor's count of ending connections.
  bool counted_ending = false;
  // Already in the reactor's list of connections that wait for room.
  bool listed_waiting = false;
  // Wants another FinishTurn next turn although nothing may happen.
  bool yielded() const { return yielded_; }
  // Waits for slab memory or for the script to catch up; the reactor retries it.
  bool waits_for_room() const { return starving_ || overflowed_; }
  bool ending() const { return ending_.has_value(); }
  bool has_partial_frame() const { return framer_.pending() > 0; }

 private:
  // An unfinished frame makes progress when this much more of it arrived: a byte now and then is none.
  static constexpr size_t kProgressBytes = 64 * 1024;

  bool MayRead() const;
  // Hands out whole frames until one of the limits is met.
  void Parse();
  void Publish(const Framer::Frame& frame);
  void Give(std::span<const std::byte> bytes, std::span<ReplySlice> slices);
  void AdvanceOrder();
  void Send();
  void End(CloseReason reason, bool after_all_replies);
  void Over(CloseReason reason);
  void SetStarving(bool starving);
  void Progressed();

  ReactorContext& context_;
  const UniqueFd socket_;
  const ConnectionRef ref_;
  Framer framer_;
  ReplyOrder order_;
  SendQueue queue_;
  // Unparsed bytes may hold a whole frame.
  bool parse_pending_ = false;
  bool paused_ = false;
  bool blocked_ = false;
  bool reading_file_ = false;
  bool yielded_ = false;
  bool starving_ = false;
  bool overflowed_ = false;
  bool after_all_replies_ = false;
  // When CheckStall first saw it keep others waiting, unless it made progress since.
  std::optional<int64_t> stalled_since_ms_;
  size_t unfinished_bytes_ = 0;  // Received since the last progress.
  std::optional<CloseReason> ending_;
  std::optional<CloseReason> over_;
};

}  // namespace millrace
