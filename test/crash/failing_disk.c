/* Preloaded into a broker: fails one call with EIO, as a disk does that lost a write, and lets the next one pass.
 *
 * FAILING_DISK names a file; while it holds "CALL PART", the next CALL (fdatasync, fsync, pwritev) on a file whose path
 * contains PART fails, and the file is removed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int fails(const char* call, int fd) {
  const char* plan = getenv("FAILING_DISK");
  char wanted[32], part[256], link[64], path[4096];
  FILE* file = plan == NULL ? NULL : fopen(plan, "r");
  if (file == NULL) return 0;
  const int read = fscanf(file, "%31s %255s", wanted, part);
  fclose(file);
  if (read != 2 || strcmp(wanted, call) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  /* Of several threads that come here at once, one removes the plan. */
  return strstr(path, part) != NULL && unlink(plan) == 0;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fdatasync");
  if (!fails("fdatasync", fd)) return real(fd);
  return errno = EIO, -1;
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fsync");
  if (!fails("fsync", fd)) return real(fd);
  return errno = EIO, -1;
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t position) {
  static ssize_t (*real)(int, const struct iovec*, int, off_t);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pwritev");
  if (!fails("pwritev", fd)) return real(fd, parts, count, position);
  return errno = EIO, -1;
}

ssize_t pwritev64(int fd, const struct iovec* parts, int count, off_t position) {
  return pwritev(fd, parts, count, position);
}
