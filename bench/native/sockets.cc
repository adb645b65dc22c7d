#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <cstddef>

#include "fatal.h"

namespace millrace::bench {
namespace {

sockaddr_in SocketAddress(const Address& address) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(address.port);
  if (inet_pton(AF_INET, address.host.c_str(), &a.sin_addr) != 1) Fail("not an IPv4 address: " + address.host);
  return a;
}

UniqueFd NewSocket(const std::string& congestion) {
  UniqueFd fd(Must("socket", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  PrepareSocket(fd.get(), congestion);
  return fd;
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

}  // namespace

Address ParseAddress(const std::string& text, const std::string& congestion) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) Fail("expected HOST:PORT, got: " + text);
  return {text.substr(0, colon), static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)), congestion};
}

UniqueFd Connect(const Address& address) {
  UniqueFd fd = NewSocket(address.congestion);
  const sockaddr_in a = SocketAddress(address);
  Must("connect", ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a));
  return fd;
}

UniqueFd Listen(const Address& address) {
  UniqueFd fd = NewSocket(address.congestion);
  const int on = 1;
  Must("SO_REUSEADDR", ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  const sockaddr_in a = SocketAddress(address);
  Must("bind", ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a));
  Must("listen", ::listen(fd.get(), 1024));
  return fd;
}

uint16_t BoundPort(int fd) {
  sockaddr_in a{};
  socklen_t length = sizeof a;
  Must("getsockname", ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &length));
  return ntohs(a.sin_port);
}

void PrepareSocket(int fd, const std::string& congestion) {
  const int on = 1;
  Must("TCP_NODELAY", ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  if (congestion.empty()) return;
  const auto length = static_cast<socklen_t>(congestion.size());
  Must("TCP_CONGESTION", ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion.data(), length));
}

void SetNonBlocking(int fd) { Must("fcntl", ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK)); }

int64_t NowNs() {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

double CpuSeconds() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

Poller::Poller() : epoll_(Must("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))) {
  static_assert(sizeof(epoll_event) <= 16);
  // The default slack of 50 us would be part of every latency of an open loop.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
}

void Poller::Add(int fd, uint64_t tag, bool writable) {
  epoll_event event{.events = EPOLLIN | (writable ? EPOLLOUT : 0u), .data = {.u64 = tag}};
  Must("epoll_ctl", ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event));
}

void Poller::Change(int fd, uint64_t tag, bool writable) {
  epoll_event event{.events = EPOLLIN | (writable ? EPOLLOUT : 0u), .data = {.u64 = tag}};
  Must("epoll_ctl", ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event));
}

int Poller::Wait(int64_t timeout_ns) {
  const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  auto* events = reinterpret_cast<epoll_event*>(events_);
  const timespec* limit = timeout_ns < 0 ? nullptr : &timeout;
  const int n = ::epoll_pwait2(epoll_.get(), events, kEventsMax, limit, nullptr);
  if (n < 0 && errno != EINTR) FailErrno("epoll_pwait2");
  return n < 0 ? 0 : n;
}

Poller::Ready Poller::ready(int i) const {
  const auto& event = reinterpret_cast<const epoll_event*>(events_)[i];
  const bool readable = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  return {event.data.u64, readable, (event.events & EPOLLOUT) != 0};
}

}  // namespace millrace::bench
