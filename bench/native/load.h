#pragma once

#include <string>
#include <vector>

#include "admin.h"
#include "histogram.h"
#include "options.h"
#include "sockets.h"

namespace millrace::bench {

// What every mode of the generator shares. Times are nanoseconds of the monotonic clock.
struct LoadSettings {
  explicit LoadSettings(Options& options);

  Address address;
  TopicSpec topic;
  int connections;
  // Ends the load after so many requests instead of after `seconds`; 0 is no such limit.
  uint64_t requests_max;
  double warm_seconds;
  double seconds;
  // Requests per second of an open loop; 0 is a closed loop.
  double rate;
  bool spin;
};

// The counts of the measured window, which begins after the warm-up, and those of the whole run, by which the
// broker's CPU is to be divided.
struct LoadResult {
  Histogram latency_ns;
  uint64_t requests = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t total_requests = 0;
  uint64_t total_records = 0;
  uint64_t total_bytes = 0;
  uint64_t errors = 0;
  // Measured window.
  double seconds = 0;

  void Add(bool measured, uint64_t record_count, uint64_t byte_count) {
    ++total_requests;
    total_records += record_count;
    total_bytes += byte_count;
    if (!measured) return;
    ++requests;
    records += record_count;
    bytes += byte_count;
  }
  // Counts an error and prints the first few of them, as printf does.
  [[gnu::format(printf, 2, 3)]] void Error(const char* format, ...);
};

// When the phases of a run begin.
struct LoadClock {
  explicit LoadClock(const LoadSettings& settings)
      : start(NowNs()),
        measure(start + static_cast<int64_t>(settings.warm_seconds * 1e9)),
        end(measure + static_cast<int64_t>(settings.seconds * 1e9)) {}
  bool Measured(int64_t now) const { return now >= measure && now < end; }

  int64_t start;
  int64_t measure;
  int64_t end;
};

// A load of a given count that takes longer has met a broker that stands still.
inline constexpr double kCountedSecondsMax = 600;
// After the end of the load, for what is still in flight.
inline constexpr int64_t kDrainNs = 30'000'000'000;

// Printed beside the result's own latencies, its figures behind the prefix.
struct NamedLatency {
  std::string prefix;
  const Histogram* latency_ns;
};

// One line of JSON. Ends the program, with 1 after errors.
[[noreturn]] void PrintResult(const std::string& mode, const LoadResult& result,
                              const std::vector<NamedLatency>& others = {});

// Brokers answer in the order they were asked, so the cursor of the answer's `i`th partition is most often the `i`th;
// null when there is none.
PartitionOffset* CursorOf(std::vector<PartitionOffset>& cursors, size_t i, int32_t partition);

LoadResult RunProduce(const LoadSettings& settings, Options& options);
LoadResult RunConsume(const LoadSettings& settings, Options& options);
[[noreturn]] void RunEndToEnd(const LoadSettings& settings, Options& options);

}  // namespace millrace::bench
