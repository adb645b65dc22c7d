#include "ideal_log.h"

#include <fcntl.h>

#include <algorithm>

#include "fatal.h"

namespace millrace::bench {

IdealLog::IdealLog(const std::string& path)
    : file_(Must("open", ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644))) {}

int64_t IdealLog::Append(std::span<std::byte> batch, int32_t record_count) {
  const int64_t base_offset = end_offset_;
  StoreInt64(batch.data(), base_offset);
  for (size_t written = 0; written < batch.size();) {
    const auto at = static_cast<off_t>(end_position_ + static_cast<int64_t>(written));
    const ssize_t n = ::pwrite(fd(), batch.data() + written, batch.size() - written, at);
    written += static_cast<size_t>(Must("pwrite", n));
  }
  batches_.push_back({base_offset, end_position_});
  end_position_ += static_cast<int64_t>(batch.size());
  end_offset_ += record_count;
  return base_offset;
}

IdealLog::Range IdealLog::Find(int64_t offset, int64_t max_bytes) const {
  if (offset < 0 || offset >= end_offset_) return {};
  const auto by_offset = [](int64_t wanted, const Entry& entry) { return wanted < entry.offset; };
  const auto first = std::upper_bound(batches_.begin(), batches_.end(), offset, by_offset) - 1;
  if (end_position_ - first->position <= max_bytes) return {first->position, end_position_ - first->position};
  const auto by_position = [](int64_t wanted, const Entry& entry) { return wanted < entry.position; };
  auto last = std::upper_bound(first, batches_.end(), first->position + max_bytes, by_position) - 1;
  if (last == first) ++last;
  const int64_t end = last == batches_.end() ? end_position_ : last->position;
  return {first->position, end - first->position};
}

}  // namespace millrace::bench
