#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/event_ring.h"
#include "command_layout.h"
#include "log/log_store.h"
#include "log_verb.h"
#include "net/reactor.h"
#include "published_ends.h"

namespace millrace {

struct EngineOptions {
  // 0: the main thread moves the bytes itself, between the turns of the script.
  uint32_t network_threads = 1;
  int log_threads = 1;
  size_t slab_bytes = 256 * 1024 * 1024;
  size_t connections_max = 10'000;
  NetOptions net;
};

// What an asynchronous verb ended with.
struct Completion final : EventPayload {
  Status status;
  Payload payload;
};
// Records of a batch that the script's codecs are asked for.
struct TranscodeRequest final : EventPayload {
  std::shared_ptr<TranscodeJob> job;
};
// Why a log refuses appends.
struct LogFailure final : EventPayload {
  Status status;
};

// Memory both sides write: commands, encoded replies, copied bytes. Allocated once; the script sees it as a few
// long-lived buffers.
struct SharedArea {
  static constexpr size_t kCommands = 16 * 1024;
  static constexpr size_t kOutboxBytes = 4 * 1024 * 1024;
  static constexpr size_t kCopyBytes = 1024 * 1024;
  static constexpr size_t kLookups = 4096;
  // Not cleared: pages that no burst ever used stay untouched.
  std::unique_ptr<LookupRow[]> lookups = std::make_unique_for_overwrite<LookupRow[]>(kLookups);
  std::unique_ptr<Command[]> commands = std::make_unique_for_overwrite<Command[]>(kCommands);
  std::unique_ptr<std::byte[]> outbox = std::make_unique_for_overwrite<std::byte[]>(kOutboxBytes);
  std::unique_ptr<std::byte[]> copies = std::make_unique_for_overwrite<std::byte[]>(kCopyBytes);
};

// The native plane: reactors, log lanes, and what they share with the script.
//
// Threads: every public method on the main thread, except the LogListener, which lanes call. Lock order: no
// lock is ever taken while another is held, except that an inbox's or the ring's lock may be taken by a lane
// inside its own; neither calls out while locked. Slab::mutex_ is a leaf too.
//
// Lifecycle: Create, Start, verbs, Stop, Drain until kStopped. The destructor stops what still runs.
class Engine final : public LogListener, public Transcoder {
 public:
  static constexpr size_t kEventCapacity = 16 * 1024;

  // `wake` runs on any thread when events are waiting and the script may not know.
  static Result<std::unique_ptr<Engine>> Create(const EngineOptions& options, std::function<void()> wake);
  ~Engine();

  Status Start();
  // Returns at once; kStopped follows when every thread ended. Joins them itself when `wait`.
  void Stop(bool wait);

  // The next run of events, appended offsets brought up to date; Consume gives it back.
  std::span<Event> Peek(size_t max);
  void Consume(size_t count) { events_->Consume(count); }
  std::unique_ptr<EventPayload> TakePayload(size_t index) { return events_->TakePayload(index); }
  // Carries out the first `count` command records.
  void Flush(size_t count);
  // A reply or append too large for the copy area; slices are in the command area.
  void SendLarge(int32_t connection, int32_t sequence, std::span<const std::byte> bytes, size_t slices);
  void AppendLarge(const Command& command, std::span<const std::byte> bytes);

  // With no network thread, main thread: whenever `network_fd` is readable, and after as many milliseconds as the
  // last turn's end returned (-1 for never), a turn is due: Receive, the events, Send. Receive is false when nothing
  // had happened.
  int network_fd() const { return driven_ ? reactors_[0]->epoll_fd() : -1; }
  bool Receive();
  void Send();
  int network_wait_ms() const { return network_wait_ms_; }

  Result<uint16_t> Listen(int32_t listener, const Endpoint& wanted, int backlog);
  void CloseListener(int32_t listener);

  void Clean(LogHandle log, CleanRequest request, uint32_t ticket);
  // A name for the job until Transcoded.
  int32_t OpenJob(std::shared_ptr<TranscodeJob> job);
  void Transcoded(int32_t job, std::optional<ByteVector> output);

  LogStore& logs() { return *logs_; }
  const std::shared_ptr<Slab>& slab() const { return slab_; }
  const std::shared_ptr<EventRing>& events() const { return events_; }
  const std::shared_ptr<SharedArea>& area() const { return area_; }

  // LogListener, on lanes.
  void OnAppended(LogHandle log, int64_t end_offset) override;
  void OnRolled(LogHandle log, int64_t base_offset) override;
  void OnIndexRebuilt(LogHandle log, int64_t base_offset) override;
  void OnLogFailed(LogHandle log, int64_t end_offset, Status status) override;
  void OnDone(uint32_t ticket, Status status, Payload payload) override;

  // Transcoder, on cleaners.
  void Start(std::shared_ptr<TranscodeJob> job) override;

 private:
  class TicketBarrier;

  Engine(const EngineOptions& options, std::shared_ptr<Slab> slab, std::function<void()> wake);
  // The records a command occupies, itself included.
  size_t Execute(const Command& command);
  void Reply(const Command& command, std::span<const std::byte> bytes, std::span<const SliceRecord> slices);
  // Ranges the script names; outside of the area is a bug of ours.
  std::span<const std::byte> OutboxBytes(int32_t start, int32_t end) const;
  std::span<const std::byte> CopiedBytes(int32_t start, int32_t end) const;
  void AddReply(const ConnectionRef& to, int32_t sequence, std::span<const std::byte> bytes,
                std::span<const SliceRecord> slices);
  bool Resolve(const SliceRecord& record, ReplySlice& slice);
  void SendAfterAppends(const Command& command);
  void AwaitAppends(const Command& command);
  void Append(const Command& command, std::span<const std::byte> bytes, FrameRef owner);
  void AppendFrame(const Command& command);
  void Release(int32_t frame);
  void Tell(Message::Kind kind, int32_t connection, int32_t sequence = 0);
  void Deliver();
  void EndTurn();
  void RetryEverywhere();
  void Shutdown();
  TicketBarrier* BarrierOf(int32_t ticket);
  TicketBarrier* TakeBarrier(int32_t ticket);

  const EngineOptions options_;
  const std::shared_ptr<Slab> slab_;
  const std::shared_ptr<EventRing> events_;
  const std::shared_ptr<SharedArea> area_;
  ConnectionTable connections_;
  PublishedEnds published_ends_;
  ReadAhead read_ahead_;
  RecentBytes recent_;
  NetShared net_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::unique_ptr<LogStore> logs_;

  // Main thread.
  const std::thread::id main_thread_ = std::this_thread::get_id();
  const bool driven_;
  bool in_turn_ = false;
  int network_wait_ms_ = -1;
  std::vector<InboxBatch> outgoing_;  // By reactor.
  // Commands of one ticket come together as a rule; tickets that others came between are in the table.
  struct OpenTicket {
    int32_t ticket = 0;
    TicketBarrier* barrier = nullptr;
  };
  OpenTicket latest_;
  std::unordered_map<int32_t, TicketBarrier*> open_tickets_;
  std::unordered_map<int32_t, std::shared_ptr<TranscodeJob>> open_jobs_;
  int32_t last_job_ = 0;
  bool stopping_ = false;
  std::thread stopper_;
};

}  // namespace millrace
