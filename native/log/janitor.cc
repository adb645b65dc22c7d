#include "log/janitor.h"

#include <utility>

namespace millrace {
namespace {

// How often held segments are looked at again.
constexpr std::chrono::milliseconds kRetryMs{50};

// Only the janitor's own references are left: nobody can gain one, the segment is in no list any more.
bool Unheld(const std::shared_ptr<Segment>& segment) {
  return segment.use_count() == 1 && segment->file.use_count() == 1;
}

}  // namespace

Janitor::Janitor(FileSystem& file_system) : file_system_(file_system), thread_([this] { Work(); }) {}

Janitor::~Janitor() {
  {
    std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Janitor::Remove(std::shared_ptr<Segment> segment, std::chrono::milliseconds keep) {
  {
    std::lock_guard lock(mutex_);
    condemned_.push_back({std::move(segment), Clock::now() + keep});
  }
  wake_.notify_one();
}

void Janitor::Work() {
  std::vector<Condemned> waiting;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto due = [&] { return finishing_ || !condemned_.empty(); };
    if (waiting.empty()) {
      wake_.wait(lock, due);
    } else {
      wake_.wait_for(lock, kRetryMs, due);
    }
    for (Condemned& condemned : condemned_) waiting.push_back(std::move(condemned));
    condemned_.clear();
    const bool finishing = finishing_;
    lock.unlock();
    const auto now = Clock::now();
    std::erase_if(waiting, [&](const Condemned& condemned) {
      if (!finishing && (now < condemned.from || !Unheld(condemned.segment))) return false;
      condemned.segment->Unlink(file_system_);
      return true;
    });
    lock.lock();
    if (finishing && condemned_.empty()) return;
  }
}

}  // namespace millrace
