#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/unique_fd.h"

namespace millrace {

// A doorbell another thread can ring; level-triggered in epoll until Drain.
class EventFd {
 public:
  EventFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  bool valid() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }

  // Any thread. A full counter already wakes the reader, so EAGAIN is success.
  void Ring() const {
    const uint64_t one = 1;
    while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
  void Drain() const {
    uint64_t count;
    while (::read(fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
    }
  }

 private:
  UniqueFd fd_;
};

}  // namespace millrace
