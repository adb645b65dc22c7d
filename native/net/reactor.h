#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "net/connection.h"
#include "net/inbox.h"
#include "net/reactor_context.h"

namespace millrace {

// One network thread with an epoll of its own. The first reactor also accepts, and deals connections out to
// all in turn.
//
// A turn: take messages and put replies in order, read what is readable and cut frames, publish the frames
// as one batch, then send, connection by connection. It never blocks except in epoll_wait.
class Reactor {
 public:
  // `reactors` is filled before Start and includes this one.
  Reactor(uint32_t index, NetShared& shared, std::span<const std::unique_ptr<Reactor>> reactors);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  [[nodiscard]] Status Start();
  // Main thread: asks the thread to end, then Join waits for it and closes everything.
  void Stop();
  void Join();

  // Any thread.
  Inbox& inbox() { return inbox_; }

 private:
  static constexpr int kEpollEventsMax = 256;
  // Accepts per listener and turn, so that a burst does not hold up open connections.
  static constexpr int kAcceptsMax = 64;
  static constexpr int kTickMs = 1000;
  static constexpr int kIdleTickMs = 10'000;
  static constexpr uint64_t kWakeKey = UINT64_MAX;
  static constexpr uint64_t kListenerBit = uint64_t{1} << 63;

  void Run();
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

  // Reactor thread from here on.
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
