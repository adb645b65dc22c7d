#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <vector>

#include "base/unique_fd.h"
#include "fatal.h"
#include "wire.h"

namespace millrace::bench {

// Whole frames encoded before the load starts, in anonymous shared memory: large ones leave by sendfile, which
// hands the broker's socket the very pages, so that the generator's copy is not part of what is measured on
// cores it shares with the broker.
class FrameArena {
 public:
  struct Frame {
    uint64_t position;
    uint32_t length;
  };

  explicit FrameArena(const std::vector<std::vector<std::byte>>& frames)
      : file_(Must("memfd_create", ::memfd_create("frames", MFD_CLOEXEC))) {
    uint64_t size = 0;
    for (const auto& frame : frames) {
      frames_.push_back({size, static_cast<uint32_t>(frame.size())});
      size += frame.size();
    }
    Must("ftruncate", ::ftruncate(file_.get(), static_cast<off_t>(size)));
    void* mapping = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (mapping == MAP_FAILED) FailErrno("mmap");
    base_ = static_cast<std::byte*>(mapping);
    size_ = size;
    for (size_t i = 0; i < frames.size(); ++i) {
      std::memcpy(base_ + frames_[i].position, frames[i].data(), frames[i].size());
    }
  }
  ~FrameArena() { ::munmap(base_, size_); }
  FrameArena(const FrameArena&) = delete;
  FrameArena& operator=(const FrameArena&) = delete;

  int fd() const { return file_.get(); }
  size_t count() const { return frames_.size(); }
  Frame frame(uint32_t index) const { return frames_[index]; }
  std::byte* at(uint64_t position) const { return base_ + position; }

 private:
  UniqueFd file_;
  std::vector<Frame> frames_;
  std::byte* base_ = nullptr;
  size_t size_ = 0;
};

}  // namespace millrace::bench
