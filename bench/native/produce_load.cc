#include <deque>
#include <memory>

#include "batches.h"
#include "connection.h"
#include "load.h"

namespace millrace::bench {
namespace {

struct ProduceSettings {
  explicit ProduceSettings(Options& options)
      : shape{static_cast<size_t>(options.Integer("record", 1000)),
              static_cast<size_t>(options.Integer("batch", 65'536))},
        batch_file(options.Text("batch_file", "")),
        distinct(static_cast<int>(options.Integer("distinct", 4))),
        in_flight(static_cast<size_t>(options.Integer("in_flight", 5))),
        acks(static_cast<int16_t>(options.Integer("acks", 1))) {
    shape.producer_id = options.Integer("producer", -1);
    options.RefuseUnknown();
  }

  BatchShape shape;
  std::string batch_file;
  int distinct;
  size_t in_flight;
  int16_t acks;
};

// The frames of a load: one for each pair of partition and distinct batch, whose correlation id is its index.
class ProduceFrames {
 public:
  ProduceFrames(const TopicSpec& topic, const ProduceSettings& settings) : partitions_(topic.partitions) {
    BatchShape shape = settings.shape;
    for (int i = 0; i < settings.distinct; ++i) {
      // A producer's batches are of one size, so each goes on where the one before ended.
      if (shape.producer_id >= 0) shape.base_sequence = batches_.empty() ? 0 : i * batches_.front().records;
      batches_.push_back(settings.batch_file.empty()
                             ? BuildBatch(shape, static_cast<uint64_t>(i + 1), WallClockMs())
                             : ReadBatchFile(settings.batch_file));
    }
    std::vector<std::vector<std::byte>> frames;
    for (const Batch& batch : batches_) {
      for (int32_t partition = 0; partition < partitions_; ++partition) {
        WireWriter out;
        const auto correlation = static_cast<int32_t>(frames.size());
        EncodeProduce(out, {topic.name, partition, settings.acks, correlation}, batch.bytes);
        frames.emplace_back(out.bytes().begin(), out.bytes().end());
      }
    }
    arena_ = std::make_unique<FrameArena>(frames);
  }

  const FrameArena& arena() const { return *arena_; }
  uint32_t count() const { return static_cast<uint32_t>(arena_->count()); }
  const Batch& batch(uint32_t frame) const { return batches_[frame / static_cast<uint32_t>(partitions_)]; }
  int32_t partition(uint32_t frame) const {
    return static_cast<int32_t>(frame % static_cast<uint32_t>(partitions_));
  }

 private:
  int32_t partitions_;
  std::vector<Batch> batches_;
  std::unique_ptr<FrameArena> arena_;
};

class ProduceLoad {
 public:
  ProduceLoad(const LoadSettings& settings, const ProduceSettings& produce)
      : settings_(settings), produce_(produce), frames_(settings.topic, produce), clock_(settings) {
    for (int i = 0; i < settings.connections; ++i) {
      lanes_.push_back(std::make_unique<Lane>(settings, frames_, static_cast<uint32_t>(i)));
      lanes_.back()->armed = produce_.acks == 0;
      poller_.Add(lanes_.back()->connection.fd(), static_cast<uint64_t>(i), produce_.acks == 0);
    }
  }

  LoadResult Run() {
    clock_ = LoadClock(settings_);
    if (settings_.rate == 0) {
      for (auto& lane : lanes_) Refill(*lane, clock_.start);
    }
    for (int64_t now = NowNs();; now = NowNs()) {
      // Before the end is seen: what was due by then is sent even when this thread is late.
      if (settings_.rate > 0) SendDue(now);
      if (now >= clock_.end) stopping_ = true;
      if (stopping_ && Idle()) break;
      if (now >= clock_.end + kDrainNs) Fail("the broker did not answer everything");
      const int ready = poller_.Wait(settings_.spin ? 0 : UntilNextNs(NowNs()));
      for (int i = 0; i < ready; ++i) Serve(*lanes_[poller_.ready(i).tag], poller_.ready(i));
    }
    result_.seconds = static_cast<double>(std::min(last_ns_, clock_.end) - clock_.measure) / 1e9;
    return std::move(result_);
  }

  uint64_t sent_records() const { return sent_records_; }

 private:
  struct InFlight {
    int64_t due_ns;
    uint32_t frame;
  };
  struct Lane {
    Lane(const LoadSettings& settings, const ProduceFrames& frames, uint32_t lane_index)
        : connection(settings.address, &frames.arena()),
          index(lane_index),
          // Spread, so that every partition has its turn early and no two connections follow each other.
          next_frame(static_cast<uint32_t>(uint64_t{lane_index} * frames.count() / settings.connections)),
          last_offset(static_cast<size_t>(settings.topic.partitions), -1) {}
    Connection connection;
    const uint32_t index;
    uint32_t next_frame;
    std::deque<InFlight> in_flight;
    // Due, and not sent because the connection has as many in flight as it may.
    std::deque<int64_t> waiting;
    std::vector<int64_t> last_offset;
    bool armed = false;
  };

  bool MaySend() const {
    return !stopping_ && (settings_.requests_max == 0 || sent_ < settings_.requests_max);
  }

  bool Idle() const {
    for (const auto& lane : lanes_) {
      if (!lane->in_flight.empty() || !lane->waiting.empty()) return false;
    }
    return true;
  }

  void Send(Lane& lane, int64_t due_ns) {
    const uint32_t frame = lane.next_frame;
    lane.next_frame = (frame + 1) % frames_.count();
    lane.connection.QueueFrame(frame);
    lane.in_flight.push_back({due_ns, frame});
    sent_records_ += static_cast<uint64_t>(frames_.batch(frame).records);
    if (++sent_ == settings_.requests_max) stopping_ = true;
  }

  void Refill(Lane& lane, int64_t now) {
    while (MaySend() && lane.in_flight.size() < produce_.in_flight) Send(lane, now);
    Pump(lane);
  }

  void SendDue(int64_t now) {
    const double step_ns = 1e9 / settings_.rate;
    for (; MaySend(); ++due_count_) {
      const int64_t due = clock_.start + static_cast<int64_t>(step_ns * static_cast<double>(due_count_));
      if (due > now || due >= clock_.end) return;
      Lane& lane = *lanes_[due_count_ % lanes_.size()];
      lane.waiting.push_back(due);
      SendWaiting(lane);
    }
  }

  // Also after the end: a request that was due counts, however late the broker let it leave.
  void SendWaiting(Lane& lane) {
    while (!lane.waiting.empty() && lane.in_flight.size() < produce_.in_flight) {
      Send(lane, lane.waiting.front());
      lane.waiting.pop_front();
    }
    Pump(lane);
  }

  void Serve(Lane& lane, const Poller::Ready& ready) {
    if (ready.readable) {
      lane.connection.Drain([&](Bytes frame) { TakeAck(lane, frame); });
    }
    if (ready.readable || ready.writable) {
      if (settings_.rate > 0) {
        SendWaiting(lane);
      } else {
        Refill(lane, NowNs());
      }
    }
  }

  void Pump(Lane& lane) {
    bool writable = lane.connection.Pump();
    if (produce_.acks == 0) {
      // Without acks a request is done when the kernel took it, and the next one waits for room.
      while (lane.in_flight.size() > lane.connection.unsent()) Finish(lane);
      writable = writable || !stopping_;
    }
    if (writable == lane.armed) return;
    lane.armed = writable;
    poller_.Change(lane.connection.fd(), lane.index, writable);
  }

  void TakeAck(Lane& lane, Bytes bytes) {
    ProduceAck ack;
    if (!ParseProduceResponse(bytes, &ack) || lane.in_flight.empty()) Fail("an answer to no request");
    const uint32_t frame = lane.in_flight.front().frame;
    if (ack.correlation != static_cast<int32_t>(frame) || ack.partition != frames_.partition(frame)) {
      Fail("answers came in another order than their requests");
    }
    int64_t& last = lane.last_offset[static_cast<size_t>(ack.partition)];
    if (ack.error != 0) {
      result_.Error("Produce: error %d", ack.error);
    } else if (ack.base_offset <= last) {
      result_.Error("offset %ld acknowledged after %ld", ack.base_offset, last);
    } else {
      last = ack.base_offset + frames_.batch(frame).records - 1;
    }
    Finish(lane);
  }

  void Finish(Lane& lane) {
    const InFlight done = lane.in_flight.front();
    lane.in_flight.pop_front();
    last_ns_ = NowNs();
    const bool measured = clock_.Measured(settings_.rate > 0 ? done.due_ns : last_ns_);
    const Batch& batch = frames_.batch(done.frame);
    result_.Add(measured, static_cast<uint64_t>(batch.records), batch.bytes.size());
    if (measured) result_.latency_ns.Record(last_ns_ - done.due_ns);
  }

  int64_t UntilNextNs(int64_t now) const {
    if (stopping_) return clock_.end + kDrainNs - now;
    if (settings_.rate == 0) return std::max<int64_t>(0, clock_.end - now);
    const double next_ns = 1e9 / settings_.rate * static_cast<double>(due_count_);
    return std::max<int64_t>(0, std::min(clock_.start + static_cast<int64_t>(next_ns), clock_.end) - now);
  }

  const LoadSettings settings_;
  const ProduceSettings produce_;
  const ProduceFrames frames_;
  LoadClock clock_;
  Poller poller_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  LoadResult result_;
  bool stopping_ = false;
  uint64_t sent_ = 0;
  uint64_t sent_records_ = 0;
  uint64_t due_count_ = 0;
  int64_t last_ns_ = 0;
};

// Without acks the broker may still be reading when the last request has left.
int64_t SettledEnd(Admin& admin, const TopicSpec& topic, int64_t expected) {
  const int64_t deadline = NowNs() + kDrainNs;
  int64_t end = Sum(admin.Offsets(topic, kLatestTimestamp));
  while (end < expected && NowNs() < deadline) end = Sum(admin.Offsets(topic, kLatestTimestamp));
  return end;
}

}  // namespace

LoadResult RunProduce(const LoadSettings& settings, Options& options) {
  const ProduceSettings produce(options);
  const auto frames = static_cast<uint64_t>(produce.distinct) * static_cast<uint64_t>(settings.topic.partitions);
  if (produce.shape.producer_id >= 0 &&
      (settings.connections > 1 || settings.requests_max == 0 || settings.requests_max > frames)) {
    Fail("producer= needs one connection, and a distinct batch for every request of a partition");
  }
  Admin admin(settings.address);
  admin.EnsureTopic(settings.topic);
  const int64_t before = Sum(admin.Offsets(settings.topic, kLatestTimestamp));
  ProduceLoad load(settings, produce);
  LoadResult result = load.Run();
  const int64_t expected = before + static_cast<int64_t>(load.sent_records());
  const int64_t sent_ns = NowNs();
  const int64_t end = SettledEnd(admin, settings.topic, expected);
  // Without acks a counted load is done when the broker has it, not when the kernel has.
  if (produce.acks == 0 && settings.requests_max > 0) result.seconds += static_cast<double>(NowNs() - sent_ns) / 1e9;
  if (end != expected && result.errors == 0) {
    result.Error("the offsets of the topic end at %ld in sum, not at %ld", end, expected);
  }
  return result;
}

}  // namespace millrace::bench
