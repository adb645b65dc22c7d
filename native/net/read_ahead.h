#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/unique_fd.h"
#include "net/send_queue.h"

namespace millrace {

// Reads cold file ranges into the page cache on a thread of its own, so that a consumer of old records does not
// stall the reactor that serves it. Holds at most one request per connection.
class ReadAhead {
 public:
  ReadAhead();
  ~ReadAhead() { Stop(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Any thread. `done` runs on the helper; it is dropped when the helper stops first. A read that fails counts
  // as done: sending the range then meets the same error.
  void Request(FileSlice slice, std::function<void()> done);
  // Joins the thread.
  void Stop();

 private:
  struct Job {
    FileSlice slice;
    std::function<void()> done;
  };
  static constexpr size_t kCopyBytes = 64 * 1024;

  void Run();
  void Read(const FileSlice& slice) const;

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Job> jobs_;  // Guarded by mutex_.
  bool stopped_ = false;  // Guarded by mutex_.
  const UniqueFd nowhere_;
  // Last, so that it starts when the rest exists.
  std::thread thread_;
};

}  // namespace millrace
