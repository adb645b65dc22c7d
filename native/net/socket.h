#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace millrace {

// What one non-blocking call moved. `error` is 0 when `bytes` says it all; a closed peer or the end of a file
// is 0 bytes without error.
struct Moved {
  size_t bytes = 0;
  int error = 0;
  bool WouldBlock() const { return error == EAGAIN; }
};

// One wrapper per system call; each retries EINTR. Sockets are non-blocking, SIGPIPE is never raised.
Moved ReceiveSome(int socket, std::span<std::byte> into);
Moved SendSome(int socket, std::span<const iovec> parts, bool more_follows);
Moved SendFileSome(int socket, int file, int64_t position, size_t bytes);
// Reads what the page cache holds; EAGAIN when the first byte is not cached. File systems that cannot tell
// are read the ordinary way.
Moved ReadCached(int file, std::span<std::byte> into, int64_t position);
Moved ReadSome(int file, std::span<std::byte> into, int64_t position);

struct SocketOptions {
  int send_buffer_bytes = 0;     // 0 keeps the system's.
  int receive_buffer_bytes = 0;  // 0 keeps the system's.
  std::string congestion_control;
};

struct Endpoint {
  std::string address;
  uint16_t port = 0;
};

// `address` is numeric. Port 0 picks a free one; `bound` tells which.
Result<UniqueFd> ListenOn(const Endpoint& wanted, int backlog, const SocketOptions& options, Endpoint& bound);
// The next connection, non-blocking and close-on-exec; an invalid descriptor with errno in `error` when none.
UniqueFd AcceptOne(int listener, Endpoint& peer, int& error);
Endpoint LocalEndpoint(int socket);

}  // namespace millrace
