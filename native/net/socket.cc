#include "net/socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace millrace {

namespace {

template <typename Call>
Moved Retry(Call call) {
  for (;;) {
    const ssize_t moved = call();
    if (moved >= 0) return {static_cast<size_t>(moved), 0};
    if (errno == EINTR) continue;
    return {0, errno == EWOULDBLOCK ? EAGAIN : errno};
  }
}

Endpoint Describe(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  if (storage.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  // A dual-stack listener sees IPv4 peers as mapped addresses; access rules name them the short way.
  std::string_view address = text;
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) address.remove_prefix(std::string_view("::ffff:").size());
  return {std::string(address), ntohs(v6.sin6_port)};
}

void SetInt(int socket, int level, int name, int value) {
  // Refused options keep the system's default.
  (void)::setsockopt(socket, level, name, &value, sizeof value);
}

bool Parse(const Endpoint& wanted, sockaddr_storage& storage, socklen_t& length) {
  std::memset(&storage, 0, sizeof storage);
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  if (::inet_pton(AF_INET, wanted.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(wanted.port);
    length = sizeof v4;
    return true;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET6, wanted.address.c_str(), &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(wanted.port);
  length = sizeof v6;
  return true;
}

}  // namespace

Moved ReceiveSome(int socket, std::span<std::byte> into) {
  return Retry([&] { return ::recv(socket, into.data(), into.size(), MSG_DONTWAIT); });
}

Moved SendSome(int socket, std::span<const iovec> parts, bool more_follows) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  return Retry([&] { return ::sendmsg(socket, &message, flags); });
}

Moved SendFileSome(int socket, int file, int64_t position, size_t bytes) {
  off_t offset = position;
  return Retry([&] { return ::sendfile(socket, file, &offset, bytes); });
}

Moved ReadCached(int file, std::span<std::byte> into, int64_t position) {
  const iovec part{into.data(), into.size()};
  const Moved moved = Retry([&] { return ::preadv2(file, &part, 1, position, RWF_NOWAIT); });
  if (moved.error == EOPNOTSUPP || moved.error == ENOSYS) return ReadSome(file, into, position);
  return moved;
}

Moved ReadSome(int file, std::span<std::byte> into, int64_t position) {
  return Retry([&] { return ::pread(file, into.data(), into.size(), position); });
}

namespace {

// TCP_NODELAY, congestion control. An option that the system refuses keeps its default: the connection works
// without it.
void ApplyOptions(int socket, const SocketOptions& options) {
  SetInt(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  const std::string& control = options.congestion_control;
  if (control.empty()) return;
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, control.data(), static_cast<socklen_t>(control.size()));
}

}  // namespace

Result<UniqueFd> ListenOn(const Endpoint& wanted, int backlog, const SocketOptions& options, Endpoint& bound) {
  sockaddr_storage storage;
  socklen_t length = 0;
  if (!Parse(wanted, storage, length)) return Status("inet_pton", EINVAL, wanted.address);
  UniqueFd socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return Status("socket", errno, wanted.address);
  SetInt(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (storage.ss_family == AF_INET6) SetInt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  // Accepted sockets inherit all options. Set later they would come too late: the window scale is fixed at the
  // handshake, and bbr has armed its pacing timer by then and keeps it under another congestion control.
  ApplyOptions(socket.get(), options);
  if (options.send_buffer_bytes > 0) SetInt(socket.get(), SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
  if (options.receive_buffer_bytes > 0) {
    SetInt(socket.get(), SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  }
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    return Status("bind", errno, wanted.address);
  }
  if (::listen(socket.get(), backlog) != 0) return Status("listen", errno, wanted.address);
  bound = LocalEndpoint(socket.get());
  return socket;
}

UniqueFd AcceptOne(int listener, Endpoint& peer, int& error) {
  for (;;) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    UniqueFd accepted(::accept4(listener, reinterpret_cast<sockaddr*>(&storage), &length,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.valid()) {
      // ECONNABORTED is the fate of one connection, not of the listener.
      if (errno == EINTR || errno == ECONNABORTED) continue;
      error = errno == EWOULDBLOCK ? EAGAIN : errno;
      return accepted;
    }
    error = 0;
    peer = Describe(storage);
    return accepted;
  }
}

Endpoint LocalEndpoint(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return Describe(storage);
}

}  // namespace millrace
