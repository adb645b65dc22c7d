// A load generator for Kafka brokers: real Produce v9 and Fetch v12 over plain sockets, from one thread that
// spends as little as it can beside the broker. Prints one line of JSON.
//
//   load mode=produce connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [in_flight=5] [acks=1]
//        [record=1000] [batch=65536] [distinct=4] [batch_file=PATH] [rate=0] [producer=-1]
//   load mode=consume connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [max_bytes=65536]
//        [from=start|tail] [wrap=1] [max_wait=500] [min_bytes=1] [discard=0]
//   load mode=end_to_end connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [consumers=1] [groups=1]
//        [in_flight=5] [acks=1] [record=1000] [rate=0] [max_bytes=1048576] [max_wait=500]
//   load mode=topic connect=HOST:PORT topic=NAME [partitions=1]
//   All: [seconds=5 | requests=N] [warm=0.5, 0 with requests] [spin=0] [congestion=cubic] [config.NAME=VALUE]
//
// produce: closed loop with `in_flight` requests on each connection, or with `rate` an open loop whose
//   latencies count from the moment a request was due, so that a stall is seen by every request it delayed.
//   The offsets of the topic are compared with what was acknowledged at the end. `producer` is the id of an
//   idempotent producer whose every batch is made before the load: distinct times partitions must reach `requests`.
// consume: every connection reads its partitions one after the other from its own offset, again from the start
//   when it has read what was there at first, or with wrap=0 once. `discard=1` drops
//   records in the kernel and reads only the first batch header of each answer (batches must be alike, as
//   mode=produce makes them, and a connection has one partition); otherwise every batch header is walked.
//   SIGTERM ends it early, and its line tells of what it read until then.
// end_to_end: one-record batches at `rate`, timed from when they were due to when a tailing fetch holds them, or
//   without `rate` with `in_flight` on each connection. Each of the `groups` reads everything with `consumers`.
//   `late_` is how long after it was due a record was sent: what of the latency is this program's own.
// topic: creates the topic unless it is there and ends when every partition answers for its offsets.
// The measured window begins after `warm` seconds. spin=1 polls instead of sleeping; congestion is that of this
//   side's sockets (empty: the system's); config.NAME is a configuration of the created topic.

#include "load.h"

#include <cmath>
#include <csignal>
#include <cstdarg>

#include "fatal.h"

namespace millrace::bench {

LoadSettings::LoadSettings(Options& options)
    : address(ParseAddress(options.Text("connect", "127.0.0.1:9092"), options.Text("congestion", "cubic"))),
      topic{options.Text("topic", "load"), static_cast<int32_t>(options.Integer("partitions", 1)),
            options.Prefixed("config")},
      connections(static_cast<int>(options.Integer("connections", 1))),
      requests_max(static_cast<uint64_t>(options.Integer("requests", 0))),
      warm_seconds(options.Number("warm", requests_max > 0 ? 0 : 0.5)),
      seconds(options.Number("seconds", requests_max > 0 ? kCountedSecondsMax : 5)),
      rate(options.Number("rate", 0)),
      spin(options.Flag("spin", false)) {
  if (topic.partitions < 1 || connections < 1) Fail("partitions and connections must be at least 1");
}

void LoadResult::Error(const char* format, ...) {
  constexpr uint64_t kPrintedMax = 5;
  if (++errors > kPrintedMax) return;
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
}

PartitionOffset* CursorOf(std::vector<PartitionOffset>& cursors, size_t i, int32_t partition) {
  if (i < cursors.size() && cursors[i].partition == partition) return &cursors[i];
  for (PartitionOffset& cursor : cursors) {
    if (cursor.partition == partition) return &cursor;
  }
  return nullptr;
}

namespace {

// Counts up to 2^53 come out whole.
void PrintField(const std::string& name, double value) { std::printf(",\"%s\":%.15g", name.c_str(), value); }

void PrintLatency(const std::string& prefix, const Histogram& latency_ns) {
  const auto print = [&](const char* name, double ns) { PrintField(prefix + name, std::round(ns / 100) / 10); };
  print("p50Us", static_cast<double>(latency_ns.Quantile(0.5)));
  print("p90Us", static_cast<double>(latency_ns.Quantile(0.9)));
  print("p99Us", static_cast<double>(latency_ns.Quantile(0.99)));
  print("p999Us", static_cast<double>(latency_ns.Quantile(0.999)));
  print("p9999Us", static_cast<double>(latency_ns.Quantile(0.9999)));
  print("maxUs", static_cast<double>(latency_ns.max()));
  print("meanUs", latency_ns.mean());
}

}  // namespace

void PrintResult(const std::string& mode, const LoadResult& result, const std::vector<NamedLatency>& others) {
  const double seconds = result.seconds > 0 ? result.seconds : 1;
  const auto count = [](const char* name, uint64_t value) { PrintField(name, static_cast<double>(value)); };
  const auto rate = [&](const char* name, uint64_t value, double unit) {
    PrintField(name, std::round(static_cast<double>(value) / unit / seconds * 1e3) / 1e3);
  };
  std::printf("{\"mode\":\"%s\"", mode.c_str());
  PrintField("seconds", result.seconds);
  count("requests", result.requests);
  count("records", result.records);
  count("bytes", result.bytes);
  rate("requestsPerSecond", result.requests, 1);
  rate("recordsPerSecond", result.records, 1);
  rate("MBps", result.bytes, 1e6);
  count("totalRequests", result.total_requests);
  count("totalRecords", result.total_records);
  count("totalBytes", result.total_bytes);
  count("errors", result.errors);
  PrintField("clientCpuSeconds", CpuSeconds());
  PrintLatency("", result.latency_ns);
  for (const auto& [prefix, latency_ns] : others) PrintLatency(prefix, *latency_ns);
  std::printf("}\n");
  std::exit(result.errors == 0 ? 0 : 1);
}

}  // namespace millrace::bench

int main(int argc, char** argv) {
  using namespace millrace::bench;
  std::signal(SIGPIPE, SIG_IGN);
  Options options(argc, argv);
  const std::string mode = options.Text("mode", "produce");
  const LoadSettings settings(options);
  if (mode == "produce") {
    PrintResult(mode, RunProduce(settings, options));
  } else if (mode == "consume") {
    PrintResult(mode, RunConsume(settings, options));
  } else if (mode == "topic") {
    options.RefuseUnknown();
    Admin admin(settings.address);
    admin.EnsureTopic(settings.topic);
    std::printf("{\"records\":%ld}\n", Sum(admin.Offsets(settings.topic, kLatestTimestamp)));
  } else if (mode == "end_to_end") {
    RunEndToEnd(settings, options);
  } else {
    Fail("no such mode: " + mode);
  }
}
