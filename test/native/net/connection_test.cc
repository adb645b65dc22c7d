// Goal: a connection is closed as a slow peer for the time it kept others waiting, and for no other time.
// Method: one connection on a socket pair, its reactor played by the test, whose clock this is.
#include "net/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <vector>

#include "base/byte_order.h"
#include "check.h"

using namespace millrace;

namespace {

constexpr int64_t kStallMs = 30'000;
constexpr int32_t kFrameBytes = 150'000;

struct World {
  World() : slab(Slab::Create(1 << 20, 256 << 10)), events(64, [] {}, [] {}), connections(10), context(shared) {
    shared.options.stall_ms = kStallMs;
    shared.options.frame_bytes_max = 200'000;
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = UniqueFd(ends[1]);
    Adoption adoption;
    adoption.socket = UniqueFd(ends[0]);
    adoption.ref = connections.Acquire(0);
    connection.emplace(std::move(adoption), context);
  }
  ~World() {
    connection.reset();
    // Nobody takes what the events carry.
    for (const Event& event : context.events) {
      if (event.type >= EventRing::kPayloadTypesFrom) delete event.payload;
    }
  }

  // The next bytes of the frame arrive.
  void Send(size_t bytes) {
    std::vector<std::byte> piece(bytes, std::byte{1});
    if (sent == 0) StoreInt32(piece.data(), kFrameBytes);
    sent += bytes;
    REQUIRE(::send(peer.get(), piece.data(), bytes, 0) == static_cast<ssize_t>(bytes));
    while (sent > received) {
      const auto before = received;
      connection->OnReadable();
      int left = 0;
      REQUIRE(::ioctl(connection->socket(), FIONREAD, &left) == 0);
      received = sent - static_cast<size_t>(left);
      REQUIRE(received > before);
    }
    connection->FinishTurn();
  }
  // Time passes in ticks; as a reactor does, it looks only while somebody is short of memory.
  void Pass(int64_t ms) {
    for (int64_t passed = 0; passed < ms; passed += 1000) {
      context.now_ms += 1000;
      if (shared.starving.load() > 0) connection->CheckStall();
    }
  }
  bool Closed() const { return connection->over() == CloseReason::SlowPeer; }

  std::unique_ptr<Slab> slab;
  EventRing events;
  ConnectionTable connections;
  ReadAhead read_ahead;
  NetShared shared{NetOptions(), events, *slab, connections, read_ahead};
  ReactorContext context;
  UniqueFd peer;
  std::optional<Connection> connection;
  size_t sent = 0;
  size_t received = 0;
};

}  // namespace

TEST(AnUnfinishedFrameThatKeepsOthersWaitingIsClosed) {
  World world;
  world.Send(1000);
  world.Pass(10 * kStallMs);
  CHECK(!world.Closed());
  world.shared.starving++;
  world.Pass(kStallMs);
  CHECK(!world.Closed());
  world.Pass(2000);
  CHECK(world.Closed());
  world.shared.starving--;
}

TEST(AByteNowAndThenIsNoProgressAndALotIs) {
  World world;
  world.shared.starving++;
  world.Send(1000);
  for (int i = 0; i < 2; i++) {
    world.Pass(kStallMs - 2000);
    CHECK(!world.Closed());
    world.Send(66'000);
  }
  world.Pass(kStallMs - 2000);
  world.Send(1);
  world.Pass(4000);
  CHECK(world.Closed());
  world.shared.starving--;
}

TEST(IdlingBeforeTheFrameDoesNotCount) {
  World world;
  world.shared.starving++;
  world.Pass(2 * kStallMs);
  world.Send(1000);
  world.Pass(kStallMs - 2000);
  CHECK(!world.Closed());
  world.shared.starving--;
}

TEST(WaitingForMemoryDoesNotCount) {
  World world;
  BlockRef chunk = world.slab->Allocate(ReceiveChunk::kChunkBytes);
  std::vector<BlockRef> others;
  while (BlockRef block = world.slab->Allocate(ReceiveChunk::kChunkBytes)) others.push_back(std::move(block));
  const BlockRef reserve = world.slab->AllocateReserve();
  REQUIRE(chunk && !others.empty() && reserve);
  // What arrives first has room; the block for the whole frame has none.
  chunk.Reset();
  world.Send(1000);
  CHECK(world.connection->waits_for_room());
  world.Pass(2 * kStallMs);
  CHECK(!world.Closed());

  others.clear();
  world.shared.starving++;
  world.connection->FinishTurn();
  CHECK(!world.connection->waits_for_room());
  world.Pass(kStallMs - 2000);
  CHECK(!world.Closed());
  world.Pass(4000);
  CHECK(world.Closed());
  world.shared.starving--;
}

CHECK_MAIN()
