// Goal: when a read ahead is done, its range is in memory, filled.
#include "net/read_ahead.h"

#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "check.h"
#include "io/page_cache.h"

using namespace millrace;

namespace {
constexpr int64_t kFileBytes = 4 << 20;
constexpr int64_t kSliceBytes = 64 << 10;

void ReadAndWait(ReadAhead& read_ahead, const FileSlice& slice) {
  std::promise<void> done;
  read_ahead.Request(slice, [&done] { done.set_value(); });
  done.get_future().wait();
}
}  // namespace

TEST(AColdRangeIsFilled) {
  check::TempDirectory directory;
  auto owner = std::make_shared<UniqueFd>(::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  const int fd = owner->get();
  REQUIRE(owner->valid());
  const std::vector<char> bytes(kFileBytes, 'x');
  REQUIRE(::pwrite(fd, bytes.data(), bytes.size(), 0) == kFileBytes);
  REQUIRE(::fdatasync(fd) == 0);
  REQUIRE(::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
  ReadAhead read_ahead;
  ReadAndWait(read_ahead, {.owner = owner, .fd = fd, .position = 4096, .length = kSliceBytes});
  CHECK(IsFilled(fd, 4096, kSliceBytes));
}

TEST(TheEndOfTheFileEndsARead) {
  check::TempDirectory directory;
  auto owner = std::make_shared<UniqueFd>(::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(owner->valid());
  REQUIRE(::pwrite(owner->get(), "abc", 3, 0) == 3);
  ReadAhead read_ahead;
  ReadAndWait(read_ahead, {.owner = owner, .fd = owner->get(), .position = 0, .length = 3});
  ReadAndWait(read_ahead, {.owner = owner, .fd = owner->get(), .position = 3, .length = kSliceBytes});
}

CHECK_MAIN()
