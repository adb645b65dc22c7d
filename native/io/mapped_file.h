#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace millrace {

// Owns one memory mapping.
class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(std::byte* data, size_t length) : data_(data), length_(length) {}
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), length_(std::exchange(other.length_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    if (this != &other) {
      Unmap();
      data_ = std::exchange(other.data_, nullptr);
      length_ = std::exchange(other.length_, 0);
    }
    return *this;
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { Unmap(); }

  std::byte* data() const { return data_; }
  size_t length() const { return length_; }

 private:
  void Unmap() {
    if (data_ != nullptr) ::munmap(data_, length_);
  }

  std::byte* data_ = nullptr;
  size_t length_ = 0;
};

}  // namespace millrace
