#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace millrace {

// Something a worker can run; shared so that queueing one allocates nothing.
class Runnable {
 public:
  virtual ~Runnable() = default;
  virtual void Run() = 0;
};

// A pool of workers over one first-in first-out queue. Its length is bounded by its users: a log queues
// itself once however much work it holds.
class Executor {
 public:
  // `name` is at most 15 characters and may be shown by tools such as top.
  Executor(const char* name, int threads);
  // With no worker yet: one more starts whenever work comes and none is free, up to `threads_max`.
  struct Growing {
    int threads_max;
  };
  Executor(const char* name, Growing growing);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Any thread, also from inside Run.
  void Submit(std::shared_ptr<Runnable> work);
  void Submit(std::function<void()> work);
  // Returns once the queue is empty and every worker idle.
  void Drain();
  // Runs what is queued, and what that queues, then joins. Idempotent.
  void Finish();

 private:
  void StartWorker();
  void Work();

  const char* const name_;
  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable all_idle_;
  std::deque<std::shared_ptr<Runnable>> queue_;
  int idle_ = 0;
  int threads_count_ = 0;
  bool finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace millrace
