// Goal: a range counts as cached exactly when no part of it has to come from the disk.
#include "io/page_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "base/unique_fd.h"
#include "check.h"

using namespace millrace;

namespace {
constexpr int64_t kPage = 4096;
constexpr int64_t kPages = 64;

void Evict(int fd, int64_t position, int64_t length) {
  REQUIRE(::fdatasync(fd) == 0);
  REQUIRE(::posix_fadvise(fd, position, length, POSIX_FADV_DONTNEED) == 0);
}
}  // namespace

TEST(WrittenBytesAreCachedUntilEvicted) {
  check::TempDirectory directory;
  const UniqueFd fd(::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(fd.valid());
  const std::vector<char> bytes(static_cast<size_t>(kPage * kPages), 'x');
  REQUIRE(::pwrite(fd.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  CHECK(IsCached(fd.get(), 0, kPage * kPages));
  CHECK(IsCached(fd.get(), 5, 1));
  CHECK(IsCached(fd.get(), 0, 0));
  CHECK(IsFilled(fd.get(), 0, kPage * kPages));
  CHECK(IsFilled(fd.get(), 0, 0));
  Evict(fd.get(), 0, kPage * kPages);
  // File systems in memory have nothing to evict to.
  if (IsCached(fd.get(), 0, kPage * kPages)) return;
  CHECK(!IsCached(fd.get(), kPage * kPages - 1, 1));
  CHECK(!IsFilled(fd.get(), 0, kPage * kPages));
  // A hole in the middle is seen as well as one at an end.
  std::vector<char> back(bytes.size());
  REQUIRE(::pread(fd.get(), back.data(), back.size(), 0) == static_cast<ssize_t>(back.size()));
  CHECK(IsCached(fd.get(), 100, kPage * kPages - 200));
  CHECK(IsFilled(fd.get(), 100, kPage * kPages - 200));
}

CHECK_MAIN()
