#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/event_fd.h"
#include "base/unique_fd.h"
#include "net/connection_table.h"
#include "net/send_queue.h"
#include "net/socket.h"

namespace millrace {

// A slice of a reply and the reply byte before which it goes.
struct ReplySlice {
  uint32_t at = 0;
  FileSlice file;
};

// A connection accepted for another reactor.
struct Adoption {
  UniqueFd socket;
  ConnectionRef ref;
  int32_t listener = -1;
  Endpoint peer;
};

// A listening socket on its way to the accepting reactor.
struct ListenerSocket {
  UniqueFd socket;
  int32_t listener = -1;
};

struct Message {
  enum class Kind : uint8_t {
    kReply,
    kSkip,
    kClose,
    kAbort,
    kPause,
    kResume,
    kWarmedUp,
    kAdopt,
    kListen,
    kCloseListener,
    kRetry
  };
  Kind kind;
  int32_t connection = -1;  // Or the listener.
  uint32_t generation = 0;
  int32_t sequence = 0;     // Or the index of the adoption or listening socket, or the ticket.
  // Ranges in the bytes and slices of the same batch.
  uint32_t bytes_begin = 0;
  uint32_t bytes_length = 0;
  uint32_t slices_begin = 0;
  uint32_t slices_count = 0;
};

// Messages to one reactor with everything they carry.
struct InboxBatch {
  std::vector<Message> messages;
  std::vector<std::byte> bytes;
  std::vector<ReplySlice> slices;
  std::vector<Adoption> adoptions;
  std::vector<ListenerSocket> listeners;

  bool empty() const { return messages.empty(); }
  void AddReply(const ConnectionRef& to, int32_t sequence, std::span<const std::byte> reply) {
    Message message{Message::Kind::kReply, to.handle, to.generation, sequence};
    message.bytes_begin = static_cast<uint32_t>(bytes.size());
    message.bytes_length = static_cast<uint32_t>(reply.size());
    message.slices_begin = static_cast<uint32_t>(slices.size());
    bytes.insert(bytes.end(), reply.begin(), reply.end());
    messages.push_back(message);
  }
  // Belongs to the reply added last.
  void AddSlice(ReplySlice slice) {
    slices.push_back(std::move(slice));
    messages.back().slices_count++;
  }
  void Add(Message::Kind kind, const ConnectionRef& to, int32_t sequence = 0) {
    messages.push_back({kind, to.handle, to.generation, sequence});
  }
  void Append(InboxBatch&& other);
  // Keeps memory for the next batch unless a burst made it large.
  void Clear();
};

// What other threads want from a reactor. Any thread delivers, the reactor takes. Its size is bounded by the
// frames in flight: every message answers one, or is one of a few per connection.
class Inbox {
 public:
  bool valid() const { return doorbell_.valid(); }
  const EventFd& doorbell() const { return doorbell_; }

  // Leaves `batch` empty, with the memory of an earlier batch where possible.
  void Deliver(InboxBatch& batch);
  void Wake() { doorbell_.Ring(); }
  // Nobody takes messages any more: what waits and what still comes is dropped, sockets and all.
  void Close();

  // Reactor thread: swaps what waits into `batch`, which must be empty.
  void Take(InboxBatch& batch);
  // Reactor thread, before it waits: false when messages are there. After true, the next Deliver rings.
  bool FallAsleep();
  void WakeUp();

 private:
  EventFd doorbell_;
  std::mutex mutex_;
  InboxBatch waiting_;   // Guarded by mutex_.
  bool asleep_ = false;  // Guarded by mutex_.
  bool closed_ = false;  // Guarded by mutex_.
};

}  // namespace millrace
