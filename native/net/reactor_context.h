#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_ring.h"
#include "net/connection_table.h"
#include "net/framer.h"
#include "net/inbox.h"
#include "net/read_ahead.h"
#include "net/send_queue.h"
#include "net/slab.h"
#include "net/socket.h"

namespace millrace {

// Event types the network reports; values are part of the layout the script checks. Those from
// EventRing::kPayloadTypesFrom on carry a payload.
enum class NetEvent : int32_t { kFrame = 1, kClosed = 2, kAccepted = 100, kListenerClosed = 8 };

// Values are those of CloseReason in engine.ts.
enum class CloseReason : int32_t { Peer = 0, Requested = 1, BadFrameSize = 2, SocketError = 3, SlowPeer = 4 };

struct AcceptedPeer final : EventPayload {
  Endpoint peer;
  Endpoint local;
};

struct NetOptions {
  size_t frame_bytes_max = 100 * 1024 * 1024;
  int32_t connection_frames_max = 128;
  size_t connection_send_bytes_max = 16 * 1024 * 1024;
  SocketOptions socket;
  // How long an ending connection may take to accept its last replies, and how long a half-sent frame may rest
  // while others wait for slab memory.
  int64_t stall_ms = 30'000;
};

// What all reactors of an engine share. Outlives them.
struct NetShared {
  NetOptions options;
  EventRing& events;
  Slab& slab;
  ConnectionTable& connections;
  ReadAhead& read_ahead;
  const RecentBytes* recent = nullptr;
  // Any thread: frees descriptors when there are none left for a connection. False when it cannot.
  std::function<bool()> make_room = {};
  // Connections of all reactors that wait for slab memory.
  std::atomic<int32_t> starving{0};
};

// What the connections of one reactor share. Reactor thread.
struct ReactorContext {
  explicit ReactorContext(NetShared& shared_) : shared(shared_), chunk(shared_.slab), gather(shared_.recent) {}

  NetShared& shared;
  ReceiveChunk chunk;
  GatherBuffer gather;
  // Published once or twice per turn, in one go.
  std::vector<Event> events;
  int64_t now_ms = 0;
  // Brings a read-ahead's result back to this reactor; runs on the helper.
  std::function<void(ConnectionRef)> warmed_up;
};

}  // namespace millrace
