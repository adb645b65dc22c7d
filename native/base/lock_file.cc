#include "base/lock_file.h"

#include <fcntl.h>

#include <cerrno>

namespace millrace {

Result<UniqueFd> LockFile(const std::string& path) {
  int fd;
  do {
    fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return Status("open", errno, path);
  UniqueFd file(fd);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  // Non-blocking, so no signal can interrupt it.
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
    return Status("lock", errno == EACCES ? EAGAIN : errno, path);
  }
  return file;
}

}  // namespace millrace
