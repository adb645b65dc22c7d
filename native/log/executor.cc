#include "log/executor.h"

#include <algorithm>
#include <utility>

#include "base/thread_name.h"

namespace millrace {
namespace {

class FunctionRunnable final : public Runnable {
 public:
  explicit FunctionRunnable(std::function<void()> work) : work_(std::move(work)) {}
  void Run() override { work_(); }

 private:
  std::function<void()> work_;
};

}  // namespace

Executor::Executor(const char* name, int threads) : name_(name), threads_max_(std::max(threads, 1)) {
  std::lock_guard lock(mutex_);
  while (threads_count_ < threads_max_) StartWorker();
}

Executor::Executor(const char* name, Growing growing) : name_(name), threads_max_(growing.threads_max) {}

// mutex_ held.
void Executor::StartWorker() {
  ++threads_count_;
  threads_.emplace_back([this] {
    NameThread(name_);
    Work();
  });
}

Executor::~Executor() { Finish(); }

void Executor::Submit(std::shared_ptr<Runnable> work) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    wake = idle_ > 0;
    if (queue_.size() > static_cast<size_t>(idle_) && threads_count_ < threads_max_) StartWorker();
  }
  if (wake) wake_.notify_one();
}

void Executor::Submit(std::function<void()> work) { Submit(std::make_shared<FunctionRunnable>(std::move(work))); }

void Executor::Drain() {
  std::unique_lock lock(mutex_);
  all_idle_.wait(lock, [&] { return queue_.empty() && idle_ == threads_count_; });
}

void Executor::Finish() {
  {
    std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Executor::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (queue_.empty()) {
      if (++idle_ == threads_count_) all_idle_.notify_all();
      // A running worker may still queue more, so only a pool of idle workers is finished.
      if (finishing_ && idle_ == threads_count_) {
        wake_.notify_all();
        return;
      }
      wake_.wait(lock, [&] { return !queue_.empty() || (finishing_ && idle_ == threads_count_); });
      if (queue_.empty()) return;
      --idle_;
    }
    std::shared_ptr<Runnable> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work->Run();
    work.reset();
    lock.lock();
  }
}

}  // namespace millrace
