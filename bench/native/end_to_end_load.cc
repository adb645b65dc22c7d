#include <memory>

#include "batches.h"
#include "connection.h"
#include "load.h"

namespace millrace::bench {
namespace {

// In front of every value, both int64: when the record was due on the monotonic clock, and which one it is.
constexpr size_t kStampBytes = 16;

struct EndToEndSettings {
  explicit EndToEndSettings(Options& options)
      : record_bytes(std::max(kStampBytes, static_cast<size_t>(options.Integer("record", 1000)))),
        consumers(static_cast<int>(options.Integer("consumers", 1))),
        groups(static_cast<int>(options.Integer("groups", 1))),
        in_flight(static_cast<size_t>(options.Integer("in_flight", 5))),
        acks(static_cast<int16_t>(options.Integer("acks", 1))),
        limits{static_cast<int32_t>(options.Integer("max_wait", 500)), 1,
               static_cast<int32_t>(options.Integer("max_bytes", 1 << 20))} {
    options.RefuseUnknown();
    if (acks == 0) Fail("mode=end_to_end needs acks");
    if (consumers < 1 || groups < 1) Fail("consumers and groups must be at least 1");
  }

  size_t record_bytes;
  int consumers;
  int groups;
  // Of one connection in a closed loop.
  size_t in_flight;
  int16_t acks;
  FetchLimits limits;
};

struct Producer {
  explicit Producer(const Address& address) : connection(address, nullptr) {}
  Connection connection;
  std::vector<int64_t> due_ns;
  size_t answered = 0;
};

struct Consumer {
  explicit Consumer(const Address& address) : connection(address, nullptr) {}
  Connection connection;
  std::vector<PartitionOffset> cursors;
};

class EndToEndLoad {
 public:
  EndToEndLoad(const LoadSettings& settings, const EndToEndSettings& end_to_end, Admin& admin)
      : settings_(settings), end_to_end_(end_to_end), clock_(settings) {
    const std::vector<int64_t> ends = admin.Offsets(settings.topic, kLatestTimestamp);
    for (int i = 0; i < settings.connections; ++i) {
      producers_.push_back(std::make_unique<Producer>(settings.address));
      poller_.Add(producers_.back()->connection.fd(), static_cast<uint64_t>(i), false);
    }
    for (int group = 0; group < end_to_end.groups; ++group) AddGroup(ends);
    batch_ = BuildBatch({end_to_end.record_bytes, 0}, 1, WallClockMs());
    value_position_ = FirstValuePosition(batch_);
  }

  [[noreturn]] void Run() {
    clock_ = LoadClock(settings_);
    for (auto& consumer : consumers_) Ask(*consumer);
    if (settings_.rate == 0) {
      for (auto& producer : producers_) Refill(*producer);
    }
    for (int64_t now = NowNs();; now = NowNs()) {
      if (settings_.rate > 0) SendDue(now);
      if (!MaySend(now) && received_ >= Expected() && acknowledged_ >= sent_) break;
      if (now >= clock_.end + kDrainNs) break;
      const int ready = poller_.Wait(settings_.spin ? 0 : UntilNextNs(NowNs()));
      for (int i = 0; i < ready; ++i) Serve(poller_.ready(i));
    }
    if (received_ != Expected()) {
      result_.Error("sent %lu records to %d groups, received %lu", sent_, end_to_end_.groups, received_);
    }
    // A closed loop is over when the last group has everything; what lagged behind is part of its time.
    const int64_t end = settings_.rate > 0 ? clock_.end : last_ns_;
    result_.seconds = static_cast<double>(end - clock_.measure) / 1e9;
    PrintResult("end_to_end", result_, {{"ack_", &ack_ns_}, {"late_", &late_ns_}});
  }

 private:
  void AddGroup(const std::vector<int64_t>& ends) {
    const size_t first = consumers_.size();
    const int count = std::min(end_to_end_.consumers, settings_.topic.partitions);
    for (int i = 0; i < count; ++i) {
      consumers_.push_back(std::make_unique<Consumer>(settings_.address));
      poller_.Add(consumers_.back()->connection.fd(), producers_.size() + consumers_.size() - 1, false);
    }
    for (size_t p = 0; p < ends.size(); ++p) {
      Consumer& consumer = *consumers_[first + p % static_cast<size_t>(count)];
      consumer.cursors.push_back({static_cast<int32_t>(p), ends[p]});
    }
  }

  uint64_t Expected() const { return sent_ * static_cast<uint64_t>(end_to_end_.groups); }
  bool CountLeft() const { return settings_.requests_max == 0 || sent_ < settings_.requests_max; }
  bool MaySend(int64_t now) const { return now < clock_.end && CountLeft(); }
  // In an open loop a record counts by when it was due, in a closed one all of them do once the warm-up is over.
  bool Measured(int64_t due) const {
    return settings_.rate > 0 ? clock_.Measured(due) : due >= clock_.measure;
  }

  // Also what was due before the end when this thread is late for it.
  void SendDue(int64_t now) {
    const double step_ns = 1e9 / settings_.rate;
    while (CountLeft()) {
      const int64_t due = clock_.start + static_cast<int64_t>(step_ns * static_cast<double>(sent_));
      if (due > now || due >= clock_.end) return;
      Send(*producers_[sent_ % producers_.size()], due);
    }
  }

  void Refill(Producer& producer) {
    const int64_t now = NowNs();
    while (MaySend(now) && producer.due_ns.size() - producer.answered < end_to_end_.in_flight) {
      Send(producer, now);
    }
  }

  void Send(Producer& producer, int64_t due) {
    const auto partition = static_cast<int32_t>(sent_ % static_cast<uint64_t>(settings_.topic.partitions));
    if (Measured(due)) late_ns_.Record(NowNs() - due);
    std::byte* stamp = batch_.bytes.data() + value_position_;
    StoreInt64(stamp, due);
    StoreInt64(stamp + 8, static_cast<int64_t>(sent_));
    SealBatch(batch_.bytes);
    request_.Clear();
    EncodeProduce(request_, {settings_.topic.name, partition, end_to_end_.acks, 0}, batch_.bytes);
    producer.connection.QueueBytes(request_.bytes());
    producer.due_ns.push_back(due);
    // What the socket does not take now leaves with the next record or the next answer.
    producer.connection.Pump();
    ++sent_;
  }

  void Serve(const Poller::Ready& ready) {
    if (ready.tag < producers_.size()) {
      Producer& producer = *producers_[ready.tag];
      producer.connection.Drain([&](Bytes frame) { TakeAck(producer, frame); });
      if (settings_.rate == 0) Refill(producer);
      producer.connection.Pump();
    } else {
      Consumer& consumer = *consumers_[ready.tag - producers_.size()];
      consumer.connection.Drain([&](Bytes frame) { TakeRecords(consumer, frame); });
    }
  }

  void TakeAck(Producer& producer, Bytes frame) {
    ProduceAck ack;
    if (!ParseProduceResponse(frame, &ack)) Fail("an answer to no request");
    if (ack.error != 0) result_.Error("Produce: error %d", ack.error);
    const int64_t due = producer.due_ns[producer.answered++];
    ++acknowledged_;
    if (Measured(due)) ack_ns_.Record(NowNs() - due);
  }

  void Ask(Consumer& consumer) {
    request_.Clear();
    EncodeFetch(request_, settings_.topic.name, consumer.cursors, end_to_end_.limits);
    consumer.connection.QueueBytes(request_.bytes());
    if (consumer.connection.Pump()) Fail("a socket did not take a request of a few bytes");
  }

  void TakeRecords(Consumer& consumer, Bytes frame) {
    const int64_t now = NowNs();
    FetchResponseReader response(frame);
    if (response.error() != 0) Fail("Fetch: error " + std::to_string(response.error()));
    last_ns_ = now;
    FetchedPartition fetched;
    for (size_t i = 0; response.Next(&fetched); ++i) {
      if (fetched.error != 0) Fail("Fetch of a partition: error " + std::to_string(fetched.error));
      PartitionOffset* cursor = CursorOf(consumer.cursors, i, fetched.partition);
      if (cursor == nullptr) Fail("Fetch answered for another partition");
      TakeBatches(*cursor, frame.subspan(fetched.records_position, fetched.records_length), now);
    }
    Ask(consumer);
  }

  void TakeBatches(PartitionOffset& cursor, Bytes records, int64_t now) {
    while (records.size() > batch_.bytes.size() - 1) {
      const bool whole = VisitRecords(records, [&](int64_t offset, Bytes value) {
        if (offset != cursor.offset) result_.Error("offset %ld out of order", offset);
        cursor.offset = offset + 1;
        const int64_t due = LoadInt64(value.data());
        ++received_;
        result_.Add(Measured(due), 1, value.size());
        if (Measured(due)) result_.latency_ns.Record(now - due);
      });
      if (!whole) Fail("a fetched batch is not one that was sent");
      records = records.subspan(batch_.bytes.size());
    }
  }

  int64_t UntilNextNs(int64_t now) const {
    if (!MaySend(now)) return clock_.end + kDrainNs - now;
    if (settings_.rate == 0) return clock_.end - now;
    const double next_ns = 1e9 / settings_.rate * static_cast<double>(sent_);
    return std::max<int64_t>(0, std::min(clock_.start + static_cast<int64_t>(next_ns), clock_.end) - now);
  }

  const LoadSettings settings_;
  const EndToEndSettings end_to_end_;
  LoadClock clock_;
  Poller poller_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  Batch batch_;
  size_t value_position_ = 0;
  WireWriter request_;
  LoadResult result_;
  Histogram ack_ns_;
  // How long after it was due a record was sent: what of the latencies is this program's own.
  Histogram late_ns_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  uint64_t acknowledged_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace

void RunEndToEnd(const LoadSettings& settings, Options& options) {
  const EndToEndSettings end_to_end(options);
  Admin admin(settings.address);
  admin.EnsureTopic(settings.topic);
  EndToEndLoad(settings, end_to_end, admin).Run();
}

}  // namespace millrace::bench
