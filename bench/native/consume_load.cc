#include <csignal>
#include <memory>

#include "codec/batch_header.h"
#include "connection.h"
#include "load.h"

namespace millrace::bench {
namespace {

// A reader that goes on beside another load is ended by SIGTERM and says what it read until then.
volatile std::sig_atomic_t stopped = 0;

struct ConsumeSettings {
  explicit ConsumeSettings(Options& options)
      : limits{static_cast<int32_t>(options.Integer("max_wait", 500)),
               static_cast<int32_t>(options.Integer("min_bytes", 1)),
               static_cast<int32_t>(options.Integer("max_bytes", 65'536))},
        from_tail(options.Text("from", "start") == "tail"),
        wrap(options.Flag("wrap", true)),
        discard(options.Flag("discard", false)) {
    options.RefuseUnknown();
  }

  FetchLimits limits;
  bool from_tail;
  // Begin again at the start of the log when a connection has read everything that was there at first.
  bool wrap;
  bool discard;
};

// One connection and the partitions it reads; as long as there are more connections than partitions, several
// read the same one, as several groups would.
struct Reader {
  explicit Reader(const Address& address) : connection(address, nullptr) {}
  Connection connection;
  std::vector<PartitionOffset> cursors;
  int64_t asked_ns = 0;
  bool finished = false;
};

class ConsumeLoad {
 public:
  ConsumeLoad(const LoadSettings& settings, const ConsumeSettings& consume, Admin& admin)
      : settings_(settings),
        consume_(consume),
        starts_(admin.Offsets(settings.topic, kEarliestTimestamp)),
        ends_(admin.Offsets(settings.topic, kLatestTimestamp)),
        clock_(settings) {
    for (int i = 0; i < settings.connections; ++i) {
      readers_.push_back(std::make_unique<Reader>(settings.address));
      Assign(*readers_.back(), i);
      poller_.Add(readers_.back()->connection.fd(), static_cast<uint64_t>(i), false);
    }
  }

  LoadResult Run() {
    clock_ = LoadClock(settings_);
    for (auto& reader : readers_) Ask(*reader);
    for (int64_t now = NowNs(); now < clock_.end && waiting_ > 0 && !stopped; now = NowNs()) {
      const int ready = poller_.Wait(settings_.spin ? 0 : clock_.end - now);
      for (int i = 0; i < ready; ++i) Serve(*readers_[poller_.ready(i).tag]);
    }
    const int64_t end = std::min(NowNs(), clock_.end);
    result_.seconds = std::max(0.0, static_cast<double>(end - clock_.measure) / 1e9);
    return std::move(result_);
  }

 private:
  void Assign(Reader& reader, int index) {
    const int partitions = settings_.topic.partitions;
    for (int p = 0; p < partitions; ++p) {
      const bool mine = p % settings_.connections == index || index % partitions == p;
      if (mine) reader.cursors.push_back({p, (consume_.from_tail ? ends_ : starts_)[static_cast<size_t>(p)]});
    }
    if (consume_.discard && reader.cursors.size() != 1) Fail("discard=1 needs connections of one partition");
  }

  void Ask(Reader& reader) {
    request_.Clear();
    EncodeFetch(request_, settings_.topic.name, reader.cursors, consume_.limits);
    reader.connection.QueueBytes(request_.bytes());
    reader.asked_ns = NowNs();
    ++waiting_;
    if (reader.connection.Pump()) Fail("a socket did not take a request of a few bytes");
  }

  void Serve(Reader& reader) {
    if (consume_.discard) {
      reader.connection.DrainHeads([&](Bytes head, size_t) { TakeAnswer(reader, head); });
    } else {
      reader.connection.Drain([&](Bytes frame) { TakeAnswer(reader, frame); });
    }
  }

  void TakeAnswer(Reader& reader, Bytes bytes) {
    --waiting_;
    const int64_t now = NowNs();
    FetchResponseReader response(bytes);
    FetchedPartition fetched;
    if (response.error() != 0) result_.Error("Fetch: error %d", response.error());
    Progress progress;
    for (size_t i = 0; i < reader.cursors.size() && response.Next(&fetched); ++i) {
      if (fetched.error != 0) {
        result_.Error("Fetch of partition %d: error %d", fetched.partition, fetched.error);
      }
      PartitionOffset* cursor = CursorOf(reader.cursors, i, fetched.partition);
      if (cursor == nullptr) Fail("Fetch answered for another partition");
      Advance(*cursor, bytes.subspan(fetched.records_position), fetched.records_length, &progress);
    }
    const bool measured = clock_.Measured(now);
    result_.Add(measured, progress.records, progress.bytes);
    if (measured) result_.latency_ns.Record(now - reader.asked_ns);
    const bool counted = settings_.requests_max != 0 && result_.total_requests >= settings_.requests_max;
    if (!counted && !Finished(reader) && result_.errors == 0) Ask(reader);
  }

  // What an answer brought; a batch cut at its end is neither used nor counted.
  struct Progress {
    uint64_t records = 0;
    uint64_t bytes = 0;
  };

  // Moves the cursor behind the whole batches of `records`, of which at least the first header is there.
  void Advance(PartitionOffset& cursor, Bytes records, size_t length, Progress* progress) {
    for (size_t at = 0; at + kBatchHeaderSize <= length;) {
      const auto header = ParseBatchHeader(records.subspan(at));
      if (!header) Fail("a fetched batch is not of magic 2");
      const auto size = static_cast<size_t>(header->size);
      if (at + size > length) break;
      if (header->base_offset != cursor.offset) {
        result_.Error("fetched offset %ld instead of %ld", header->base_offset, cursor.offset);
      }
      // Of batches that are all alike the first header tells the rest.
      const size_t batches = consume_.discard ? length / size : 1;
      const int64_t records_in = static_cast<int64_t>(batches) * (header->last_offset_delta + 1);
      cursor.offset = header->base_offset + records_in;
      progress->records += static_cast<uint64_t>(records_in);
      progress->bytes += size * batches;
      at += size * batches;
      if (consume_.discard) break;
    }
  }

  // Whether the reader has read everything and is not to begin again.
  bool Finished(Reader& reader) {
    if (consume_.from_tail) return false;
    bool all = true;
    for (PartitionOffset& cursor : reader.cursors) {
      const auto p = static_cast<size_t>(cursor.partition);
      if (cursor.offset < ends_[p]) {
        all = false;
      } else if (consume_.wrap) {
        cursor.offset = starts_[p];
        all = false;
      }
    }
    return all;
  }

  const LoadSettings settings_;
  const ConsumeSettings consume_;
  const std::vector<int64_t> starts_;
  const std::vector<int64_t> ends_;
  LoadClock clock_;
  Poller poller_;
  std::vector<std::unique_ptr<Reader>> readers_;
  WireWriter request_;
  LoadResult result_;
  int waiting_ = 0;
};

}  // namespace

LoadResult RunConsume(const LoadSettings& settings, Options& options) {
  const ConsumeSettings consume(options);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  Admin admin(settings.address);
  return ConsumeLoad(settings, consume, admin).Run();
}

}  // namespace millrace::bench
