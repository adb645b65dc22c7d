// Puts files out of the page cache, so that whoever reads them next reads the disk, and says what is in it.
//
//   cache action=evict|look dir=DIRECTORY [topic=NAME] [every=0]
//
// evict: writes back and drops every segment below the directory, or those of one topic (POSIX_FADV_DONTNEED: no
//   privilege needed, nothing else on the machine is touched), again after `every` seconds until it is ended.
// Prints one line of JSON: bytes of the files, and how many of them are resident afterwards.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "base/unique_fd.h"
#include "fatal.h"
#include "options.h"

namespace millrace::bench {
namespace {

struct Cached {
  uint64_t bytes = 0;
  uint64_t resident = 0;
};

uint64_t ResidentBytes(int fd, size_t size) {
  if (size == 0) return 0;
  void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapping == MAP_FAILED) FailErrno("mmap");
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((size + page - 1) / page);
  Must("mincore", ::mincore(mapping, size, pages.data()));
  ::munmap(mapping, size);
  uint64_t resident = 0;
  for (const unsigned char each : pages) resident += (each & 1) != 0 ? page : 0;
  return resident;
}

/** Brokers keep a topic in directories of its name and a number, `ideal` in files named so. */
bool IsSegment(const std::string& path, const std::string& topic) {
  return path.ends_with(".log") && (topic.empty() || path.find('/' + topic + '-') != std::string::npos);
}

Cached Visit(const std::string& directory, const std::string& topic, bool evict) {
  Cached total;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || !IsSegment(entry.path().string(), topic)) continue;
    const UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    // A broker may have dropped the segment in between.
    if (fd.get() < 0) continue;
    struct stat status{};
    Must("fstat", ::fstat(fd.get(), &status));
    if (evict) {
      Must("fdatasync", ::fdatasync(fd.get()));
      Must("posix_fadvise", -::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED));
    }
    total.bytes += static_cast<uint64_t>(status.st_size);
    total.resident += ResidentBytes(fd.get(), static_cast<size_t>(status.st_size));
  }
  return total;
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  using namespace millrace::bench;
  Options options(argc, argv);
  const std::string action = options.Text("action", "look");
  const std::string directory = options.Text("dir", ".");
  const std::string topic = options.Text("topic", "");
  const double every_seconds = options.Number("every", 0);
  options.RefuseUnknown();
  if (action != "evict" && action != "look") Fail("no such action: " + action);
  do {
    const Cached cached = Visit(directory, topic, action == "evict");
    std::printf("{\"bytes\":%lu,\"residentBytes\":%lu}\n", cached.bytes, cached.resident);
    std::fflush(stdout);
    ::usleep(static_cast<useconds_t>(every_seconds * 1e6));
  } while (every_seconds > 0);
}
