// Goal: what is appended arrives, whole and in order, through any short write, and failures end the queue.
// Method: a socket pair with tiny buffers, a temporary file, a reader that takes a little at a time.
#include "net/send_queue.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

#include "base/unique_fd.h"
#include "check.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;

Bytes Pattern(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    ours.Reset(fds[0]);
    theirs.Reset(fds[1]);
    const int small = 4096;
    ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }
  // At most `limit` bytes of what arrived.
  size_t Read(Bytes& into, size_t limit) {
    Bytes piece(limit);
    const ssize_t got = ::recv(theirs.get(), piece.data(), piece.size(), 0);
    if (got <= 0) return 0;
    into.insert(into.end(), piece.begin(), piece.begin() + got);
    return static_cast<size_t>(got);
  }
  UniqueFd ours;
  UniqueFd theirs;
};

struct File {
  explicit File(size_t size) : content(Pattern(size, 99)), fd(std::make_shared<UniqueFd>()) {
    const std::string path = directory / "segment";
    fd->Reset(::open(path.c_str(), O_RDWR | O_CREAT, 0644));
    REQUIRE(::write(fd->get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  FileSlice Slice(size_t position, size_t length) const {
    return {fd, fd->get(), static_cast<int64_t>(position), static_cast<int64_t>(length)};
  }
  check::TempDirectory directory;
  Bytes content;
  std::shared_ptr<UniqueFd> fd;
};

}  // namespace

TEST(RandomPartsArriveInOrder) {
  const File file(600'000);
  for (uint32_t seed = 1; seed <= 30; seed++) {
    std::mt19937 random(seed);
    Pair pair;
    // Some slices are kept in memory when they are appended, and forgotten before they leave.
    RecentBytes recent(6'000);
    GatherBuffer gather(&recent);
    SendQueue queue;
    Bytes expected;
    Bytes arrived;
    int parts_left = 60;
    while (parts_left > 0 || !queue.empty() || arrived.size() < expected.size()) {
      for (int i = static_cast<int>(random() % 4); i > 0 && parts_left > 0; i--, parts_left--) {
        if (random() % 2 == 0) {
          const Bytes bytes = Pattern(random() % (random() % 5 == 0 ? 90'000 : 200), random());
          queue.Append(bytes);
          expected.insert(expected.end(), bytes.begin(), bytes.end());
        } else {
          const size_t length = random() % (random() % 2 == 0 ? 3000 : 80'000);
          const size_t position = random() % (file.content.size() - length);
          FileSlice slice = file.Slice(position, length);
          const auto from = file.content.begin() + static_cast<ptrdiff_t>(position);
          if (random() % 2 == 0) slice.recent = recent.Keep({from, from + static_cast<ptrdiff_t>(length)});
          queue.Append(slice);
          expected.insert(expected.end(), from, from + static_cast<ptrdiff_t>(length));
        }
      }
      const auto outcome = queue.Flush(pair.ours.get(), gather);
      REQUIRE(outcome != SendQueue::Outcome::kFailed);
      if (outcome == SendQueue::Outcome::kCold) queue.WarmedUp();
      pair.Read(arrived, 1 + random() % 20'000);
    }
    CHECK(arrived == expected);
    CHECK_EQ(queue.bytes(), size_t{0});
  }
}

TEST(KeptBytesLeaveWithoutTheFile) {
  File file(3'000);
  RecentBytes recent;
  GatherBuffer gather(&recent);
  Pair pair;
  SendQueue queue;
  FileSlice slice = file.Slice(500, 2'000);
  slice.recent = recent.Keep(std::span(file.content).subspan(500, 2'000));
  queue.Append(slice);
  REQUIRE(::ftruncate(file.fd->get(), 0) == 0);
  CHECK(queue.Flush(pair.ours.get(), gather) == SendQueue::Outcome::kEmpty);
  Bytes arrived;
  pair.Read(arrived, 10'000);
  CHECK(arrived == Bytes(file.content.begin() + 500, file.content.begin() + 2'500));
}

TEST(SlicesHoldTheirFileOnlyUntilSent) {
  File file(100'000);
  Pair pair;
  GatherBuffer gather;
  SendQueue queue;
  queue.Append(file.Slice(0, 40'000));
  queue.Append(file.Slice(0, 100));
  CHECK_EQ(file.fd.use_count(), 3L);
  Bytes arrived;
  while (!queue.empty()) {
    if (queue.Flush(pair.ours.get(), gather) == SendQueue::Outcome::kCold) queue.WarmedUp();
    pair.Read(arrived, 50'000);
  }
  CHECK_EQ(file.fd.use_count(), 1L);
}

TEST(FileShorterThanPromisedFails) {
  for (const size_t length : {size_t{500}, size_t{60'000}}) {
    File file(100'000);
    REQUIRE(::ftruncate(file.fd->get(), 200) == 0);
    Pair pair;
    GatherBuffer gather;
    SendQueue queue;
    queue.Append(file.Slice(0, length));
    Bytes arrived;
    SendQueue::Outcome outcome;
    do {
      outcome = queue.Flush(pair.ours.get(), gather);
      if (outcome == SendQueue::Outcome::kCold) queue.WarmedUp();
      pair.Read(arrived, 100'000);
    } while (outcome == SendQueue::Outcome::kBlocked || outcome == SendQueue::Outcome::kCold);
    CHECK(outcome == SendQueue::Outcome::kFailed);
    CHECK_EQ(queue.error(), EIO);
  }
}

TEST(PeerThatLeftFails) {
  Pair pair;
  GatherBuffer gather;
  SendQueue queue;
  queue.Append(Pattern(200'000, 1));
  CHECK(queue.Flush(pair.ours.get(), gather) == SendQueue::Outcome::kBlocked);
  pair.theirs.Reset();
  CHECK(queue.Flush(pair.ours.get(), gather) == SendQueue::Outcome::kFailed);
  CHECK(queue.error() == EPIPE || queue.error() == ECONNRESET);
}

TEST(ATurnGivesAReaderAShareHoweverFastItIs) {
  const size_t size = 4 << 20;
  const File file(size);
  // Takes everything at once.
  const UniqueFd sink(::open("/dev/null", O_WRONLY));
  GatherBuffer gather;
  SendQueue queue;
  queue.Append(file.Slice(0, size));
  size_t before = queue.bytes();
  size_t turns = 1;
  while (queue.Flush(sink.get(), gather) == SendQueue::Outcome::kYield) {
    CHECK(before - queue.bytes() == size_t{512} << 10);
    before = queue.bytes();
    turns++;
  }
  CHECK(queue.empty());
  CHECK(turns == 8);
}

CHECK_MAIN()
