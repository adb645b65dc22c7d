#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "io/file_system.h"
#include "log/segment.h"

namespace millrace {

// Removes dropped segments on a thread of its own: freeing the blocks of a large file takes tens of
// milliseconds, which a lane must not spend. A segment is unlinked once nobody else holds it, so a slice being
// sent, or a lookup that still sees the old list, can open it by its `.deleted` name.
class Janitor {
 public:
  explicit Janitor(FileSystem& file_system);
  // Unlinks everything, held or not: open descriptors keep their bytes.
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Any thread. Held or not, the segment is kept for so long.
  void Remove(std::shared_ptr<Segment> segment, std::chrono::milliseconds keep = {});

 private:
  using Clock = std::chrono::steady_clock;
  struct Condemned {
    std::shared_ptr<Segment> segment;
    Clock::time_point from;
  };

  void Work();

  FileSystem& file_system_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Condemned> condemned_;  // Guarded by mutex_.
  bool finishing_ = false;
  std::thread thread_;
};

}  // namespace millrace
