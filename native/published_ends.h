#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace millrace {

// The latest published end of each log, so that a log has at most one `appended` event waiting however often it
// advances. Lanes publish, the main thread collects.
class PublishedEnds {
 public:
  static constexpr size_t kPageLogs = 1024;
  static constexpr size_t kPages = 1024;

  // Lane of the log. True when an event must be pushed: none is waiting.
  bool Publish(int32_t log, int64_t end) {
    Row* row = Find(log, true);
    if (row == nullptr) return false;
    row->end.store(end, std::memory_order_relaxed);
    return !row->waiting.exchange(true, std::memory_order_acq_rel);
  }

  // Main thread, when it delivers the event. A later Publish asks for a new one.
  int64_t Collect(int32_t log) {
    Row* row = Find(log, false);
    if (row == nullptr) return 0;
    row->waiting.exchange(false, std::memory_order_acq_rel);
    return row->end.load(std::memory_order_relaxed);
  }

 private:
  struct Row {
    std::atomic<int64_t> end{0};
    std::atomic<bool> waiting{false};
  };
  using Page = std::array<Row, kPageLogs>;

  Row* Find(int32_t log, bool create) {
    const auto index = static_cast<size_t>(log);
    if (log < 0 || index >= kPageLogs * kPages) return nullptr;
    std::atomic<Page*>& slot = pages_[index / kPageLogs];
    Page* page = slot.load(std::memory_order_acquire);
    if (page == nullptr) {
      if (!create) return nullptr;
      std::lock_guard lock(mutex_);
      page = slot.load(std::memory_order_relaxed);
      if (page == nullptr) {
        owned_[index / kPageLogs] = std::make_unique<Page>();
        page = owned_[index / kPageLogs].get();
        slot.store(page, std::memory_order_release);
      }
    }
    return &(*page)[index % kPageLogs];
  }

  std::array<std::atomic<Page*>, kPages> pages_{};
  std::mutex mutex_;
  std::array<std::unique_ptr<Page>, kPages> owned_;  // Guarded by mutex_.
};

}  // namespace millrace
