#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "net/connection.h"
#include "net/inbox.h"
#include "net/reactor_context.h"

namespace millrace {

// One epoll with its connections. The first reactor also accepts, and deals connections out to all in turn.
//
// A turn: take messages and put replies in order, read what is readable and cut frames, publish the frames
// as one batch, then send, connection by connection. It never blocks except in epoll_wait.
//
// Started, it has a thread of its own. Opened, it is driven: somebody else's loop waits for `epoll_fd` to be
// readable, or for the time that Rest names, and makes the two halves of a turn, with the script between them.
// Where cores are few that saves two hand-overs per request.
class Reactor {
 public:
  // `reactors` is filled before Start and includes this one.
  Reactor(uint32_t index, NetShared& shared, std::span<const std::unique_ptr<Reactor>> reactors);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  [[nodiscard]] Status Start();
  // Main thread: asks the thread to end, then Join waits for it and closes everything. A driven reactor makes no
  // turn after Stop; any thread may join it.
  void Stop();
  void Join();

  // Any thread.
  Inbox& inbox() { return inbox_; }

  // Driven, main thread.
  [[nodiscard]] Status Open();
  int epoll_fd() const { return epoll_.get(); }
  // Reads sockets and publishes frames; false when nothing had happened.
  bool Receive();
  // Sends what the inbox holds.
  void Send();
  // The turn is over. Milliseconds until one is due although nothing happens, 0 for at once, -1 for never.
  int Rest();

 private:
  static constexpr int kEpollEventsMax = 256;
  // Accepts per listener and turn, so that a burst does not hold up open connections.
  static constexpr int kAcceptsMax = 64;
  static constexpr int kTickMs = 1000;
  static constexpr int kIdleTickMs = 10'000;
  static constexpr uint64_t kWakeKey = UINT64_MAX;
  static constexpr uint64_t kListenerBit = uint64_t{1} << 63;

  void Run();
  // The halves of a turn; the first returns how much epoll reported.
  int ReceiveFor(int wait_ms);
  void FinishTurn();
  int WaitMs() const;
  void TakeMessages();
  void Handle(const Message& message, InboxBatch& batch);
  void Adopt(Adoption adoption);
  void Listen(ListenerSocket listener);
  void CloseListener(int32_t listener);
  void Accept(int32_t listener);
  void ArmListeners();
  void OnSocket(uint64_t key, uint32_t happened);
  void PublishEvents();
  void FinishTouched();
  void Finish(Connection& connection);
  void Tick();
  void Touch(Connection& connection);
  Connection* Find(int32_t handle, uint32_t generation);
  void Destroy(Connection& connection);
  void CloseEverything();

  const uint32_t index_;
  NetShared& shared_;
  const std::span<const std::unique_ptr<Reactor>> reactors_;
  UniqueFd epoll_;
  Inbox inbox_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  // Held by a driven reactor while it works: it may be joined by another thread than turns it.
  std::mutex turn_mutex_;

  // Reactor thread from here on; of a driven reactor, whoever holds turn_mutex_.
  ReactorContext context_;
  InboxBatch batch_;
  // By handle; only those this reactor owns.
  std::vector<std::unique_ptr<Connection>> connections_;
  size_t connection_count_ = 0;
  size_t ending_count_ = 0;
  std::unordered_map<int32_t, UniqueFd> listeners_;
  // Listeners that were taken out of epoll because no descriptor was left.
  bool listeners_disarmed_ = false;
  std::vector<ConnectionRef> touched_;
  std::vector<ConnectionRef> again_;
  std::vector<ConnectionRef> waiting_;
  uint32_t next_reactor_ = 0;
  int64_t ticked_ms_ = 0;
};

}  // namespace millrace
