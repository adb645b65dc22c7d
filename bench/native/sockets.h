#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace millrace::bench {

// Where a peer listens, and with which congestion control this side sends (empty: the system's). The default
// of both programs is cubic: bbr without the fq queue arms a timer per large send, which in a virtual machine
// costs several times the send and would be charged to whoever shares the core.
struct Address {
  std::string host;
  uint16_t port;
  std::string congestion;
};

// HOST:PORT with a numeric IPv4 host.
Address ParseAddress(const std::string& text, const std::string& congestion);

// A connected blocking socket without Nagle's delay; ends the program when the peer cannot be reached.
UniqueFd Connect(const Address& address);
// A listening socket; port 0 takes a free one.
UniqueFd Listen(const Address& address);
uint16_t BoundPort(int fd);
void PrepareSocket(int fd, const std::string& congestion);
void SetNonBlocking(int fd);

// Nanoseconds of the monotonic clock.
int64_t NowNs();
// User and system seconds of this process.
double CpuSeconds();

// epoll that waits to the nanosecond: an open loop sends when a request is due, not a millisecond later.
class Poller {
 public:
  Poller();
  void Add(int fd, uint64_t tag, bool writable);
  void Change(int fd, uint64_t tag, bool writable);
  // How many descriptors are ready, at most `kEventsMax`; returns at once when `timeout_ns` is 0, never
  // before an event when it is negative.
  int Wait(int64_t timeout_ns);

  struct Ready {
    uint64_t tag;
    bool readable;
    bool writable;
  };
  Ready ready(int i) const;

 private:
  static constexpr int kEventsMax = 256;
  UniqueFd epoll_;
  // Room for epoll_event, which only the implementation names.
  alignas(8) std::byte events_[kEventsMax * 16];
};

}  // namespace millrace::bench
