#include "io/page_cache.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <optional>

namespace millrace {
namespace {

#if defined(__linux__) && !defined(SYS_cachestat)
#define SYS_cachestat 451
#endif

// Of linux/mman.h, which older headers lack.
struct CacheRange {
  uint64_t position;
  uint64_t length;
};
struct CacheCounts {
  uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

std::optional<bool> AskPageCache(int file, int64_t position, int64_t length) {
#ifdef __linux__
  // Missing, or forbidden by a filter: it stays so.
  static std::atomic<bool> missing{false};
  if (missing.load(std::memory_order_relaxed)) return std::nullopt;
  static const int64_t page = ::sysconf(_SC_PAGESIZE);
  const int64_t pages = (position + length - 1) / page - position / page + 1;
  CacheRange range{static_cast<uint64_t>(position), static_cast<uint64_t>(length)};
  CacheCounts counts{};
  if (::syscall(SYS_cachestat, file, &range, &counts, 0) == 0) return counts.cached >= static_cast<uint64_t>(pages);
  missing.store(true, std::memory_order_relaxed);
#endif
  return std::nullopt;
}

bool ByteIsCached(int file, int64_t position) {
  std::byte probe;
  const iovec part{&probe, 1};
  ssize_t read;
  do {
    read = ::preadv2(file, &part, 1, position, RWF_NOWAIT);
  } while (read < 0 && errno == EINTR);
  return read >= 0 || errno != EAGAIN;
}

}  // namespace

bool IsCached(int file, int64_t position, int64_t length) {
  if (length <= 0) return true;
  if (const auto known = AskPageCache(file, position, length)) return *known;
  return ByteIsCached(file, position) && ByteIsCached(file, position + length - 1);
}

bool IsFilled(int file, int64_t position, int64_t length) {
  return IsCached(file, position, length) && (length <= 0 || ByteIsCached(file, position + length - 1));
}

}  // namespace millrace
