#include "net/read_ahead.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/thread_name.h"
#include "net/socket.h"

namespace millrace {

ReadAhead::ReadAhead() : nowhere_(::open("/dev/null", O_WRONLY | O_CLOEXEC)), thread_([this] { Run(); }) {}

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
  NameThread("read-ahead");
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
      if (stopped_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    Read(job.slice);
    job.done();
  }
}

void ReadAhead::Read(const FileSlice& slice) const {
  // No advice: reads continue where the sending of the last slice ended, so the kernel sees one sequential reader and
  // fetches ahead of it, further each time. Advice for just this range would hide that.
  std::array<std::byte, kCopyBytes> copy;
  bool copying = false;
  for (int64_t done = 0; done < slice.length;) {
    const auto rest = static_cast<size_t>(slice.length - done);
    const int64_t position = slice.position + done;
    // The processor need not touch what only passes from the disk to a socket, so it goes nowhere uncopied, where the
    // system can do that.
    const Moved moved = copying ? ReadSome(slice.fd, std::span(copy).first(std::min(rest, kCopyBytes)), position)
                                : SendFileSome(nowhere_.get(), slice.fd, position, rest);
    if (moved.error != 0 && copying) return;
    if (moved.error == 0 && moved.bytes == 0) return;
    copying = copying || moved.error != 0;
    done += static_cast<int64_t>(moved.bytes);
  }
}

}  // namespace millrace
