#pragma once

#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace millrace {

// Takes an exclusive lock on a file, created when missing; it is released with the descriptor. The lock belongs
// to the open file, so a second engine in this process is refused too, and it conflicts with the POSIX locks
// that Kafka takes on the same `.lock`. EAGAIN when somebody else holds it.
Result<UniqueFd> LockFile(const std::string& path);

}  // namespace millrace
