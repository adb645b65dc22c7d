// Goal: connections behave at their limits: order, slow readers, peers that leave, memory that runs out.
// Method: real reactors on loopback; this thread plays the script over the event ring.
#include "net/reactor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>

#include "base/byte_order.h"
#include "check.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;

struct Frame {
  int32_t connection;
  int32_t sequence;
  int32_t position;
  int32_t length;
  uint32_t block;
};

// The part of an engine that the network needs, and a script that handles events one at a time.
class Net {
 public:
  explicit Net(NetOptions options = {}, size_t slab_bytes = 64 << 20, uint32_t threads = 2)
      : slab_(Slab::Create(slab_bytes, Framer::BlockBytesMax(options.frame_bytes_max))),
        events_(1024, [this] { Wake(); }, [this] { Retry(); }),
        connections_(1000),
        shared_{options, events_, *slab_, connections_, read_ahead_} {
    slab_->OnAvailable([this] { Retry(); });
    for (uint32_t i = 0; i < threads; i++) reactors_.push_back(nullptr);
    for (uint32_t i = 0; i < threads; i++) reactors_[i] = std::make_unique<Reactor>(i, shared_, reactors_);
    for (auto& reactor : reactors_) REQUIRE(reactor->Start().ok());
    Endpoint bound;
    auto socket = ListenOn({"127.0.0.1", 0}, 100, options.socket, bound);
    REQUIRE(socket.ok());
    port_ = bound.port;
    InboxBatch batch;
    batch.Add(Message::Kind::kListen, ConnectionRef());
    batch.listeners.push_back({std::move(socket).value(), 1});
    reactors_[0]->inbox().Deliver(batch);
  }
  ~Net() {
    Stop();
    read_ahead_.Stop();
    slab_->OnAvailable(nullptr);
  }
  void Stop() {
    for (auto& reactor : reactors_) reactor->Stop();
    for (auto& reactor : reactors_) reactor->Join();
  }

  uint16_t port() const { return port_; }

  // Handles events until the condition holds.
  void Until(const std::function<bool()>& condition) {
    while (!condition()) {
      const auto events = events_.Peek(64);
      if (events.empty()) {
        std::unique_lock lock(mutex_);
        bell_.wait(lock, [this] { return rung_; });
        rung_ = false;
        continue;
      }
      for (const Event& event : events) Handle(event);
      events_.Consume(events.size());
    }
  }

  std::span<const std::byte> BytesOf(const Frame& frame) {
    return slab_->region().subspan(static_cast<size_t>(frame.position), static_cast<size_t>(frame.length));
  }
  void Echo(const Frame& frame) {
    Bytes reply(4);
    StoreInt32(reply.data(), frame.length);
    const auto body = BytesOf(frame);
    reply.insert(reply.end(), body.begin(), body.end());
    Reply(frame, reply);
    Release(frame);
  }
  void Reply(const Frame& frame, const Bytes& bytes, std::vector<ReplySlice> slices = {}) {
    const ConnectionRef to = connections_.Find(frame.connection);
    if (to.handle < 0) return;
    InboxBatch batch;
    batch.AddReply(to, frame.sequence, bytes);
    for (auto& slice : slices) batch.AddSlice(std::move(slice));
    reactors_[to.reactor]->inbox().Deliver(batch);
  }
  void Tell(Message::Kind kind, int32_t connection) {
    const ConnectionRef to = connections_.Find(connection);
    InboxBatch batch;
    batch.Add(kind, to);
    reactors_[to.reactor]->inbox().Deliver(batch);
  }
  // As the first reactor deals an accepted connection to another.
  void Deal(uint32_t reactor, UniqueFd socket) {
    InboxBatch batch;
    Adoption adoption;
    adoption.socket = std::move(socket);
    adoption.ref = connections_.Acquire(reactor);
    batch.Add(Message::Kind::kAdopt, adoption.ref);
    batch.adoptions.push_back(std::move(adoption));
    reactors_[reactor]->inbox().Deliver(batch);
  }
  void Release(const Frame& frame) { slab_->FindUsed(frame.block)->Unref(); }

  std::function<void(const Frame&)> on_frame = [this](const Frame& frame) { Echo(frame); };
  int frames = 0;
  std::vector<int32_t> closed;

 private:
  void Handle(const Event& event) {
    switch (event.type) {
      case static_cast<int32_t>(NetEvent::kFrame):
        frames++;
        return on_frame({event.a, event.b, event.c, event.pair[0], static_cast<uint32_t>(event.f)});
      case static_cast<int32_t>(NetEvent::kClosed):
        closed.push_back(event.b);
        return connections_.Release(event.a);
      default:
        return;
    }
  }
  void Wake() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    bell_.notify_one();
  }
  void Retry() {
    for (auto& reactor : reactors_) {
      InboxBatch batch;
      batch.Add(Message::Kind::kRetry, ConnectionRef());
      reactor->inbox().Deliver(batch);
    }
  }

  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
  std::unique_ptr<Slab> slab_;
  EventRing events_;
  ConnectionTable connections_;
  ReadAhead read_ahead_;
  NetShared shared_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  uint16_t port_ = 0;
};

// A blocking client.
class Client {
 public:
  explicit Client(const Net& net, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(net.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  void Send(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return;
      bytes = bytes.subspan(static_cast<size_t>(sent));
    }
  }
  // Up to `size` bytes; fewer when the peer closed.
  Bytes Read(size_t size) {
    Bytes bytes(size);
    size_t got = 0;
    while (got < size) {
      const ssize_t step = ::recv(fd_.get(), bytes.data() + got, size - got, 0);
      if (step <= 0) break;
      got += static_cast<size_t>(step);
    }
    bytes.resize(got);
    return bytes;
  }
  void Close() { fd_.Reset(); }
  void Reset() {
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.Reset();
  }

 private:
  UniqueFd fd_;
};

Bytes FrameOf(size_t length, uint8_t seed) {
  Bytes bytes(4 + length);
  StoreInt32(bytes.data(), static_cast<int32_t>(length));
  for (size_t i = 0; i < length; i++) bytes[4 + i] = static_cast<std::byte>(seed + i * 31);
  if (length >= 2) bytes[4] = bytes[5] = std::byte{0x12};
  return bytes;
}

// Runs the client beside the script.
void Beside(Net& net, const std::function<void()>& client, const std::function<bool()>& until) {
  std::thread thread(client);
  net.Until(until);
  thread.join();
}

}  // namespace

TEST(EchoesPipelinedFramesOfAllSizes) {
  Net net;
  Bytes sent;
  const std::vector<size_t> sizes = {8, 100, 70'000, 8, 400'000, 3'000'000, 9};
  for (const size_t size : sizes) {
    const Bytes frame = FrameOf(size, static_cast<uint8_t>(size));
    sent.insert(sent.end(), frame.begin(), frame.end());
  }
  Client client(net);
  Bytes got;
  Beside(
      net,
      [&] {
        std::thread writer([&] { client.Send(sent); });
        got = client.Read(sent.size());
        writer.join();
      },
      [&] { return net.frames == static_cast<int>(sizes.size()); });
  CHECK(got == sent);
}

TEST(SlowReaderStopsBeingReadAndLosesNothing) {
  NetOptions options;
  options.connection_send_bytes_max = 100'000;
  options.connection_frames_max = 4;
  options.socket.send_buffer_bytes = 8192;
  Net net(options);
  const Bytes frame = FrameOf(50'000, 3);
  constexpr int kFrames = 60;
  Client slow(net, 4096);
  std::thread writer([&] {
    for (int i = 0; i < kFrames; i++) slow.Send(frame);
  });
  // The limits let only some frames in while nobody reads.
  net.Until([&] { return net.frames >= 2; });
  CHECK(net.frames < kFrames);
  bool whole = true;
  Beside(
      net,
      [&] {
        for (int i = 0; i < kFrames; i++) whole = whole && slow.Read(frame.size()) == frame;
      },
      [&] { return net.frames == kFrames; });
  writer.join();
  CHECK(whole);
}

TEST(PeersThatLeaveMidReplyAreClosed) {
  NetOptions options;
  options.socket.send_buffer_bytes = 8192;
  Net net(options);
  for (const bool reset : {true, false}) {
    net.closed.clear();
    const int before = net.frames;
    Client client(net, 4096);
    const Bytes frame = FrameOf(2'000'000, 5);
    Beside(net, [&] { client.Send(frame); }, [&] { return net.frames == before + 1; });
    CHECK(!client.Read(1000).empty());
    if (reset) {
      client.Reset();
    } else {
      client.Close();
    }
    net.Until([&] { return net.closed.size() == 1; });
    CHECK(net.closed[0] == static_cast<int32_t>(CloseReason::SocketError) ||
          net.closed[0] == static_cast<int32_t>(CloseReason::Peer));
  }
}

TEST(SlicesOfUnlinkedFilesArriveWhole) {
  Net net;
  check::TempDirectory directory;
  const std::string path = directory / "segment";
  auto fd = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDWR | O_CREAT, 0644));
  const Bytes content = FrameOf(1'000'000, 9);
  REQUIRE(::write(fd->get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  ::unlink(path.c_str());
  net.on_frame = [&](const Frame& frame) {
    Bytes head(8);
    StoreInt32(head.data(), static_cast<int32_t>(4 + 900'000 + 100));
    std::vector<ReplySlice> slices;
    slices.push_back({4, {fd, fd->get(), 1000, 900'000}});
    slices.push_back({8, {fd, fd->get(), 5, 100}});
    net.Reply(frame, head, std::move(slices));
    net.Release(frame);
  };
  Client client(net);
  Bytes got;
  Beside(
      net,
      [&] {
        client.Send(FrameOf(20, 1));
        client.Send(FrameOf(20, 2));
        got = client.Read(2 * (8 + 900'100));
      },
      [&] { return net.frames == 2; });
  REQUIRE(got.size() == 2 * 900'108);
  for (const size_t at : {size_t{0}, size_t{900'108}}) {
    CHECK(std::equal(got.begin() + static_cast<ptrdiff_t>(at) + 4, got.begin() + static_cast<ptrdiff_t>(at) + 900'004,
                     content.begin() + 1000));
    CHECK(std::equal(got.begin() + static_cast<ptrdiff_t>(at) + 900'008,
                     got.begin() + static_cast<ptrdiff_t>(at) + 900'108, content.begin() + 5));
  }
}

TEST(ColdSlicesArriveWhole) {
  Net net;
  check::TempDirectory directory;
  auto fd = std::make_shared<UniqueFd>(::open((directory / "s").c_str(), O_RDWR | O_CREAT, 0644));
  const Bytes content = FrameOf(3'000'000, 9);
  REQUIRE(::write(fd->get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  // Clean pages can be dropped from the cache; where the file system keeps them the test is only an echo.
  ::fsync(fd->get());
  ::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_DONTNEED);
  net.on_frame = [&](const Frame& frame) {
    Bytes head(4);
    StoreInt32(head.data(), 2'500'000 + 3000);
    std::vector<ReplySlice> slices;
    slices.push_back({4, {fd, fd->get(), 2'600'000, 3000}});
    slices.push_back({4, {fd, fd->get(), 0, 2'500'000}});
    net.Reply(frame, head, std::move(slices));
    net.Release(frame);
  };
  Client client(net);
  Bytes got;
  Beside(
      net,
      [&] {
        client.Send(FrameOf(20, 1));
        got = client.Read(4 + 2'503'000);
      },
      [&] { return net.frames == 1; });
  REQUIRE(got.size() == 2'503'004);
  CHECK(std::equal(got.begin() + 4, got.begin() + 3004, content.begin() + 2'600'000));
  CHECK(std::equal(got.begin() + 3004, got.end(), content.begin()));
}

TEST(TruncatedSliceEndsTheConnection) {
  Net net;
  check::TempDirectory directory;
  auto fd = std::make_shared<UniqueFd>(::open((directory / "s").c_str(), O_RDWR | O_CREAT, 0644));
  REQUIRE(::ftruncate(fd->get(), 30'000) == 0);
  net.on_frame = [&](const Frame& frame) {
    Bytes head(4);
    StoreInt32(head.data(), 50'000);
    std::vector<ReplySlice> slices;
    slices.push_back({4, {fd, fd->get(), 0, 50'000}});
    net.Reply(frame, head, std::move(slices));
    net.Release(frame);
  };
  Client client(net);
  client.Send(FrameOf(20, 1));
  net.Until([&] { return net.closed.size() == 1; });
  CHECK_EQ(net.closed[0], static_cast<int32_t>(CloseReason::SocketError));
  CHECK(client.Read(60'000).size() <= 30'004);
}

TEST(SlabExhaustionPausesEverybodyAndRecovers) {
  NetOptions options;
  options.frame_bytes_max = 200'000;
  Net net(options, 1 << 20);
  constexpr int kClients = 8;
  constexpr int kEach = 10;
  std::deque<Frame> held;
  net.on_frame = [&](const Frame& frame) { held.push_back(frame); };
  const Bytes frame = FrameOf(150'000, 4);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; i++) clients.push_back(std::make_unique<Client>(net));
  std::vector<std::thread> threads;
  std::atomic<int> whole{0};
  for (auto& client : clients) {
    threads.emplace_back([&] {
      std::thread writer([&] {
        for (int i = 0; i < kEach; i++) client->Send(frame);
      });
      for (int i = 0; i < kEach; i++) whole += client->Read(frame.size()) == frame;
      writer.join();
    });
  }
  // Frames held by the script use the memory up; answering them lets the rest in.
  int answered = 0;
  while (answered < kClients * kEach) {
    net.Until([&] { return !held.empty(); });
    net.Echo(held.front());
    held.pop_front();
    answered++;
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQ(whole.load(), kClients * kEach);
}

TEST(StuckSendersCannotKeepTheSlab) {
  NetOptions options;
  options.frame_bytes_max = 200'000;
  options.stall_ms = 1500;
  Net net(options, 512 << 10, 1);
  const Bytes frame = FrameOf(150'000, 4);
  // Each keeps an unfinished frame in a block of its own until no memory is left.
  std::vector<std::unique_ptr<Client>> stuck;
  for (int i = 0; i < 4; i++) {
    stuck.push_back(std::make_unique<Client>(net));
    stuck.back()->Send(std::span(frame).first(1000));
  }
  net.Until([&] { return !net.closed.empty(); });
  CHECK_EQ(net.closed[0], static_cast<int32_t>(CloseReason::SlowPeer));
  stuck.clear();
  Client honest(net);
  Bytes got;
  Beside(
      net,
      [&] {
        honest.Send(frame);
        got = honest.Read(frame.size());
      },
      [&] { return net.frames == 1; });
  CHECK(got == frame);
}

TEST(ConnectionsDealtToAStoppedReactorAreClosed) {
  Net net;
  std::vector<UniqueFd> peers;
  const auto deal = [&] {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    peers.emplace_back(ends[0]);
    net.Deal(1, UniqueFd(ends[1]));
  };
  // The first may still be taken; the second cannot be.
  deal();
  net.Stop();
  deal();
  for (const UniqueFd& peer : peers) {
    std::byte none;
    CHECK_EQ(::recv(peer.get(), &none, 1, MSG_DONTWAIT), 0);
  }
}

TEST(ScriptThatSleepsStopsTheReading) {
  Net net;
  constexpr int kFrames = 5000;
  net.on_frame = [&](const Frame& frame) { net.Echo(frame); };
  Bytes sent;
  for (int i = 0; i < 100; i++) {
    const Bytes frame = FrameOf(20, static_cast<uint8_t>(i));
    sent.insert(sent.end(), frame.begin(), frame.end());
  }
  // 50 connections with 100 frames each overflow the ring of 1024 before anybody drains it.
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kFrames / 100; i++) {
    clients.push_back(std::make_unique<Client>(net));
    clients.back()->Send(sent);
  }
  net.Until([&] { return net.frames == kFrames; });
  for (auto& client : clients) CHECK(client->Read(sent.size()) == sent);
}

CHECK_MAIN()
