// Goal: the engine's threads agree: frames are appended in place on lanes while reactors receive and send, and
// stopping at any moment is safe. The thread sanitizer is the judge; the checks here are the obvious ones.
#include "engine.h"

#include <arpa/inet.h>
#include <poll.h>

#include <cstring>

#include "base/byte_order.h"
#include "base/event_fd.h"
#include "check.h"
#include "codec/produce_walk.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;
using Op = Command::Op;

constexpr size_t kRecordsAt = 37;

// A Produce v3 request for one partition: one batch with two records.
Bytes Produce() {
  const char* hex =
      "0000000300000001ffffffff0001000003e80000000100017400000001000000000000"
      "0051"
      "0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805"
      "ffffffffffffffffffffffffffff0000000218000000026b027602026802780c000a02010100";
  Bytes body;
  for (; *hex != 0; hex += 2) body.push_back(static_cast<std::byte>(std::stoi(std::string(hex, 2), nullptr, 16)));
  Bytes frame(4);
  StoreInt32(frame.data(), static_cast<int32_t>(body.size()));
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

// An engine and the smallest script: every frame is appended to one log and answered when it is written.
class Script {
 public:
  explicit Script(uint32_t network_threads) {
    EngineOptions options;
    options.network_threads = network_threads;
    options.log_threads = 2;
    options.slab_bytes = 16 << 20;
    options.connections_max = 100;
    options.net.frame_bytes_max = 1 << 20;
    auto created = Engine::Create(options, [this] { bell_.Ring(); });
    REQUIRE(created.ok());
    engine_ = std::move(created).value();
    REQUIRE(engine_->Start().ok());
    auto port = engine_->Listen(1, {"127.0.0.1", 0}, 100);
    REQUIRE(port.ok());
    port_ = port.value();
    OpenOptions open;
    open.directory = directory_ / "topic-0";
    engine_->logs().Open(1, std::move(open));
    Until([this] { return log_ >= 0; });
  }

  template <typename Condition>
  void Until(Condition condition) {
    while (!condition()) {
      if (engine_->network_fd() >= 0) (void)engine_->Receive();
      const bool handled = HandleSome();
      if (engine_->network_fd() >= 0) engine_->Send();
      if (handled || condition()) continue;
      pollfd wanted[] = {{bell_.fd(), POLLIN, 0}, {engine_->network_fd(), POLLIN, 0}};
      ::poll(wanted, 2, engine_->network_wait_ms());
      if (wanted[0].revents != 0) bell_.Drain();
    }
  }

  uint16_t port() const { return port_; }
  Engine& engine() { return *engine_; }
  int64_t appended = 0;
  int frames = 0;
  int closed = 0;
  bool stopped = false;

 private:
  bool HandleSome() {
    const auto events = engine_->Peek(100);
    if (events.empty()) return false;
    for (const Event& event : events) Handle(event);
    engine_->Consume(events.size());
    engine_->Flush(commands_);
    commands_ = 0;
    outbox_ = 0;
    return true;
  }
  Command& Put(Op op) {
    Command& command = engine_->area()->commands[commands_++];
    command = Command{};
    command.op = op;
    return command;
  }
  void Handle(const Event& event) {
    switch (event.type) {
      case static_cast<int32_t>(LogEvent::kDone): {
        const auto payload = engine_->TakePayload(engine_->events()->IndexOf(event));
        const auto& done = static_cast<const Completion&>(*payload);
        if (event.a == 1) log_ = std::get<OpenedLog>(done.payload).log;
        return;
      }
      case static_cast<int32_t>(LogEvent::kAppended):
        CHECK(static_cast<int64_t>(event.number) >= appended);
        appended = static_cast<int64_t>(event.number);
        return;
      case static_cast<int32_t>(LogEvent::kStopped):
        stopped = true;
        return;
      case static_cast<int32_t>(NetEvent::kClosed):
        closed++;
        Put(Op::kForget).a = event.a;
        return;
      case static_cast<int32_t>(NetEvent::kFrame):
        return Append(event);
      default:
        return;
    }
  }
  void Append(const Event& event) {
    CHECK_EQ(event.pair[1], static_cast<int32_t>(FrameVerdict::Verified));
    frames++;
    const int32_t ticket = frames;
    const int32_t position = event.c + static_cast<int32_t>(kRecordsAt);
    StoreInt64(engine_->slab()->region().data() + position, next_);
    Command& append = Put(Op::kAppend);
    append.a = log_;
    append.b = event.f;
    append.c = position;
    append.d = event.pair[0] - static_cast<int32_t>(kRecordsAt);
    append.e = 2;
    append.f = ticket;
    append.x = static_cast<double>(next_);
    append.y = static_cast<double>(next_ += 2);
    append.z = 1;
    Put(Op::kRelease).a = event.f;
    StoreInt32(engine_->area()->outbox.get() + outbox_, 4);
    StoreInt32(engine_->area()->outbox.get() + outbox_ + 4, event.b);
    Command& send = Put(Op::kSendAfterAppends);
    send.a = event.a;
    send.b = event.b;
    send.c = outbox_;
    send.d = outbox_ + 8;
    send.e = ticket;
    send.f = 1;
    outbox_ += 8;
  }

  check::TempDirectory directory_;
  EventFd bell_;
  uint16_t port_ = 0;
  LogHandle log_ = -1;
  int64_t next_ = 0;
  size_t commands_ = 0;
  int32_t outbox_ = 0;
  // Last, so that its threads end before what they call.
  std::unique_ptr<Engine> engine_;
};

UniqueFd Connect(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  return fd;
}

// Sends `count` requests at once and reads their answers; how many came in order.
int Talk(const UniqueFd& fd, int count) {
  Bytes all;
  const Bytes one = Produce();
  for (int i = 0; i < count; i++) all.insert(all.end(), one.begin(), one.end());
  size_t sent = 0;
  int good = 0;
  std::thread writer([&] {
    while (sent < all.size()) {
      const ssize_t step = ::send(fd.get(), all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
      if (step <= 0) return;
      sent += static_cast<size_t>(step);
    }
  });
  for (int i = 0; i < count; i++) {
    std::byte answer[8];
    if (::recv(fd.get(), answer, sizeof answer, MSG_WAITALL) != 8) break;
    good += LoadInt32(answer + 4) == i;
  }
  ::shutdown(fd.get(), SHUT_RDWR);
  writer.join();
  return good;
}

}  // namespace

// With reactors of their own, and with the script's thread as the reactor.
TEST(AppendedFramesAreAnsweredInOrder) {
  for (const uint32_t threads : {2, 0}) {
    Script script(threads);
    constexpr int kClients = 4;
    constexpr int kRequests = 1000;
    std::atomic<int> good{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; i++) clients.emplace_back([&] { good += Talk(Connect(script.port()), kRequests); });
    script.Until([&] { return script.appended == 2LL * kClients * kRequests && script.closed == kClients; });
    for (auto& client : clients) client.join();
    CHECK_EQ(good.load(), kClients * kRequests);
    CHECK_EQ(script.frames, kClients * kRequests);
    script.engine().Stop(false);
    script.Until([&] { return script.stopped; });
  }
}

TEST(StoppingUnderLoadIsSafe) {
  for (int round = 0; round < 6; round++) {
    Script script(round < 3 ? 2 : 0);
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; i++) {
      // Before the threads are started: who comes after the stop would be refused.
      clients.emplace_back([fd = Connect(script.port())] { Talk(fd, 5000); });
    }
    script.Until([&] { return script.frames > 500 * round; });
    script.engine().Stop(round % 2 == 0);
    for (auto& client : clients) client.join();
  }
}

CHECK_MAIN()
