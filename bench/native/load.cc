// A load generator for Kafka brokers: real Produce v9 and Fetch v12 over plain sockets, from one thread that
// spends as little as it can beside the broker. Prints one line of JSON.
//
//   load mode=produce connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [in_flight=5] [acks=1]
//        [record=1000] [batch=65536] [distinct=4] [batch_file=PATH] [seconds=5 | requests=N] [warm=0.5] [rate=0]
//   load mode=consume connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [max_bytes=65536]
//        [from=start|tail] [wrap=1 (0: once, use warm=0)] [max_wait=500] [min_bytes=1] [discard=0] [seconds=5 | requests=N]
//   load mode=end_to_end connect=HOST:PORT topic=NAME [partitions=1] [connections=1] [consumers=1] [acks=1]
//        [record=1000] [rate=5000] [max_bytes=1048576] [max_wait=500] [seconds=5] [warm=1]
//
// produce: closed loop with `in_flight` requests on each connection, or with `rate` an open loop whose
//   latencies count from the moment a request was due, so that a stall is seen by every request it delayed.
//   The offsets of the topic are compared with what was acknowledged at the end.
// consume: every connection reads its partitions one after the other from its own offset. `discard=1` drops
//   records in the kernel and reads only the first batch header of each answer (batches must be alike, as
//   mode=produce makes them, and a connection has one partition); otherwise every batch header is walked.
// end_to_end: one-record batches at `rate`, timed from when they were due to when a tailing fetch holds them.
// All: spin=1 polls instead of sleeping, congestion=cubic sets the congestion control (empty: the system's),
//   config.NAME=VALUE is a configuration of the created topic.

#include "load.h"

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

namespace {

void PrintLatency(const char* prefix, const Histogram& latency_ns) {
  const auto us = [&](double share) { return static_cast<double>(latency_ns.Quantile(share)) / 1e3; };
  std::printf(",\"%sp50Us\":%.1f,\"%sp99Us\":%.1f,\"%sp999Us\":%.1f", prefix, us(0.5), prefix, us(0.99), prefix,
              us(0.999));
  std::printf(",\"%smaxUs\":%.1f,\"%smeanUs\":%.1f", prefix, static_cast<double>(latency_ns.max()) / 1e3, prefix,
              latency_ns.mean() / 1e3);
}

}  // namespace

void PrintResult(const std::string& mode, const LoadResult& r, const Histogram* ack_ns) {
  const double seconds = r.seconds > 0 ? r.seconds : 1;
  const auto rate = [&](uint64_t count) { return static_cast<double>(count) / seconds; };
  std::printf("{\"mode\":\"%s\",\"seconds\":%.3f", mode.c_str(), r.seconds);
  std::printf(",\"requests\":%lu,\"records\":%lu,\"bytes\":%lu", r.requests, r.records, r.bytes);
  std::printf(",\"requestsPerSecond\":%.1f,\"recordsPerSecond\":%.1f,\"MBps\":%.3f", rate(r.requests),
              rate(r.records), rate(r.bytes) / 1e6);
  std::printf(",\"totalRequests\":%lu,\"totalRecords\":%lu,\"totalBytes\":%lu", r.total_requests, r.total_records,
              r.total_bytes);
  std::printf(",\"errors\":%lu,\"clientCpuSeconds\":%.2f", r.errors, CpuSeconds());
  PrintLatency("", r.latency_ns);
  if (ack_ns != nullptr) PrintLatency("ack_", *ack_ns);
  std::printf("}\n");
  std::exit(r.errors == 0 ? 0 : 1);
}

}  // namespace millrace::bench

int main(int argc, char** argv) {
  using namespace millrace::bench;
  std::signal(SIGPIPE, SIG_IGN);
  Options options(argc, argv);
  const std::string mode = options.Text("mode", "produce");
  const LoadSettings settings(options);
  if (mode == "produce") {
    PrintResult(mode, RunProduce(settings, options), nullptr);
  } else if (mode == "consume") {
    PrintResult(mode, RunConsume(settings, options), nullptr);
  } else if (mode == "end_to_end") {
    RunEndToEnd(settings, options);
  } else {
    Fail("no such mode: " + mode);
  }
}
