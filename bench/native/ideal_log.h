#pragma once

#include <deque>
#include <string>

#include "base/unique_fd.h"
#include "wire.h"

namespace millrace::bench {

// One partition of `ideal`: a file that only grows, and where every batch begins.
class IdealLog {
 public:
  explicit IdealLog(const std::string& path);

  struct Range {
    int64_t position = 0;
    int64_t length = 0;
  };

  // Stamps the base offset, writes, and returns it.
  int64_t Append(std::span<std::byte> batch, int32_t record_count);
  // Whole batches from the one that holds `offset`, at most `max_bytes` of them but at least one.
  Range Find(int64_t offset, int64_t max_bytes) const;

  int64_t end_offset() const { return end_offset_; }
  int fd() const { return file_.get(); }

 private:
  struct Entry {
    int64_t offset;
    int64_t position;
  };

  UniqueFd file_;
  std::deque<Entry> batches_;
  int64_t end_offset_ = 0;
  int64_t end_position_ = 0;
};

}  // namespace millrace::bench
