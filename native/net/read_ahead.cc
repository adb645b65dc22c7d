#include "net/read_ahead.h"

#include <algorithm>
#include <utility>

#include "net/socket.h"

namespace millrace {

void ReadAhead::Request(FileSlice slice, std::function<void()> done) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    jobs_.push_back({std::move(slice), std::move(done)});
  }
  wanted_.notify_one();
}

void ReadAhead::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    jobs_.clear();
  }
  wanted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ReadAhead::Run() {
  const auto scratch = std::make_unique_for_overwrite<std::byte[]>(kReadBytes);
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
      if (stopped_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    Read(job.slice, {scratch.get(), kReadBytes});
    job.done();
  }
}

void ReadAhead::Read(const FileSlice& slice, std::span<std::byte> scratch) {
  // Plain reads, no advice: they continue where the sending of the last slice ended, so the kernel sees one
  // sequential reader and fetches ahead of it, further each time. Advice for just this range would hide that.
  int64_t done = 0;
  while (done < slice.length) {
    const auto want = std::min(scratch.size(), static_cast<size_t>(slice.length - done));
    const Moved moved = ReadSome(slice.fd, scratch.first(want), slice.position + done);
    if (moved.error != 0 || moved.bytes == 0) return;
    done += static_cast<int64_t>(moved.bytes);
  }
}

}  // namespace millrace
