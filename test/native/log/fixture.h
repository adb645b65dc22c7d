#pragma once

#include <condition_variable>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/byte_order.h"
#include "check.h"
#include "codec/batch_header.h"
#include "codec/crc32c.h"
#include "log/log_store.h"

namespace millrace::test {

struct BatchSpec {
  int64_t base_offset = 0;
  int32_t records = 1;
  int64_t timestamp = 1000;
  // Bytes after the header; filled with a pattern, or with real records when `walkable`.
  size_t payload = 100;
  bool walkable = false;
  int16_t attributes = 0;
};

inline void PutVarint(ByteVector& out, int64_t value) {
  auto zigzag = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) out.push_back(static_cast<std::byte>(zigzag | 0x80));
  out.push_back(static_cast<std::byte>(zigzag));
}

// A valid batch. Walkable records have null key and value, and each a timestamp one above the record before.
inline ByteVector MakeBatch(const BatchSpec& spec) {
  ByteVector batch(kBatchHeaderSize);
  int64_t max_timestamp = spec.timestamp;
  if (spec.walkable) {
    for (int32_t i = 0; i < spec.records; ++i) {
      ByteVector record{std::byte{0}};
      PutVarint(record, i);
      PutVarint(record, i);
      PutVarint(record, -1);
      PutVarint(record, -1);
      PutVarint(record, 0);
      PutVarint(batch, static_cast<int64_t>(record.size()));
      batch.insert(batch.end(), record.begin(), record.end());
    }
    max_timestamp += spec.records - 1;
  } else {
    for (size_t i = 0; i < spec.payload; ++i) {
      batch.push_back(static_cast<std::byte>(spec.base_offset * 31 + static_cast<int64_t>(i)));
    }
  }
  std::byte* at = batch.data();
  StoreInt64(at, spec.base_offset);
  StoreInt32(at + 8, static_cast<int32_t>(batch.size() - kBatchOverhead));
  StoreInt32(at + 12, 5);
  at[16] = std::byte{2};
  StoreInt16(at + 21, spec.attributes);
  StoreInt32(at + 23, spec.records - 1);
  StoreInt64(at + 27, spec.timestamp);
  StoreInt64(at + 35, max_timestamp);
  StoreInt64(at + 43, -1);
  StoreInt16(at + 51, -1);
  StoreInt32(at + 53, -1);
  StoreInt32(at + 57, spec.records);
  StoreUint32(at + 17, Crc32c(std::span<const std::byte>(batch).subspan(kBatchCrcStart)));
  return batch;
}

inline ByteVector ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return ByteVector(begin, begin + text.size());
}
inline void WriteFile(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
inline bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Remembers every event and lets a test wait for the one it needs.
class Recorder final : public LogListener {
 public:
  struct Done {
    Status status;
    Payload payload;
  };

  void OnAppended(LogHandle log, int64_t end_offset) override {
    std::lock_guard lock(mutex_);
    ++appended_events_;
    if (end_offset <= appended_[log]) order_broken_ = true;
    appended_[log] = end_offset;
    changed_.notify_all();
  }
  void OnRolled(LogHandle, int64_t base_offset) override {
    std::lock_guard lock(mutex_);
    rolled_.push_back(base_offset);
  }
  void OnIndexRebuilt(LogHandle, int64_t base_offset) override {
    std::lock_guard lock(mutex_);
    rebuilt_.push_back(base_offset);
    changed_.notify_all();
  }
  void OnLogFailed(LogHandle log, int64_t end_offset, Status status) override {
    std::lock_guard lock(mutex_);
    failures_.push_back(status);
    failed_end_ = end_offset;
    appended_[log] = end_offset;
    changed_.notify_all();
  }
  void OnDone(uint32_t ticket, Status status, Payload payload) override {
    std::lock_guard lock(mutex_);
    done_.emplace(ticket, Done{std::move(status), std::move(payload)});
    changed_.notify_all();
  }

  Done Await(uint32_t ticket) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(ticket); });
    auto node = done_.extract(ticket);
    return std::move(node.mapped());
  }
  // Waits until the count of failed reports is reached.
  void AwaitFailures(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failures_.size() >= count; });
  }
  std::vector<Status> failures() {
    std::lock_guard lock(mutex_);
    return failures_;
  }
  // Waits until so many indexes were made anew; their segments.
  std::vector<int64_t> AwaitRebuilt(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rebuilt_.size() >= count; });
    return rebuilt_;
  }
  std::vector<int64_t> rolled() {
    std::lock_guard lock(mutex_);
    return rolled_;
  }
  int64_t appended(LogHandle log) {
    std::lock_guard lock(mutex_);
    return appended_[log];
  }
  int64_t failed_end() {
    std::lock_guard lock(mutex_);
    return failed_end_;
  }
  int appended_events() {
    std::lock_guard lock(mutex_);
    return appended_events_;
  }
  bool order_broken() {
    std::lock_guard lock(mutex_);
    return order_broken_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint32_t, Done> done_;
  std::map<LogHandle, int64_t> appended_;
  std::vector<int64_t> rolled_;
  std::vector<int64_t> rebuilt_;
  std::vector<Status> failures_;
  int64_t failed_end_ = -1;
  int appended_events_ = 0;
  bool order_broken_ = false;
};

// Settles once for any number of appends.
class Barrier final : public AppendBarrier {
 public:
  struct Outcome {
    std::mutex mutex;
    std::condition_variable changed;
    bool fired = false;
    bool ok = false;
    bool Fired() {
      std::lock_guard lock(mutex);
      return fired;
    }
    bool Wait() {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return fired; });
      return ok;
    }
  };
  explicit Barrier(std::shared_ptr<Outcome> outcome) : outcome_(std::move(outcome)) {}

 private:
  void OnFired(bool ok) noexcept override {
    std::lock_guard lock(outcome_->mutex);
    outcome_->fired = true;
    outcome_->ok = ok;
    outcome_->changed.notify_all();
  }
  std::shared_ptr<Outcome> outcome_;
};

// A store with blocking verbs, for tests that go step by step.
class World {
 public:
  explicit World(FileSystem& file_system = RealFileSystem(), const LogStoreOptions& options = {})
      : store(file_system, recorder, options) {}

  Recorder::Done TryOpen(const OpenOptions& options) {
    store.Open(++ticket_, options);
    return recorder.Await(ticket_);
  }
  OpenedLog Open(const OpenOptions& options) {
    auto done = TryOpen(options);
    if (!done.status.ok()) std::fprintf(stderr, "%s %s\n", done.status.operation(), done.status.path().c_str());
    REQUIRE(done.status.ok());
    return std::get<OpenedLog>(done.payload);
  }
  static AppendRequest RequestOf(const BatchSpec& spec, const std::shared_ptr<Barrier::Outcome>& outcome) {
    auto copied = HeapBytes::CopyOf(MakeBatch(spec));
    return {.bytes = copied.bytes,
            .owner = std::move(copied.ref),
            .base_offset = spec.base_offset,
            .end_offset = spec.base_offset + spec.records,
            .max_timestamp = spec.walkable ? spec.timestamp + spec.records - 1 : spec.timestamp,
            .record_count = spec.records,
            .barrier = new Barrier(outcome)};
  }
  // Returns the outcome to wait for.
  std::shared_ptr<Barrier::Outcome> AppendAsync(LogHandle log, const BatchSpec& spec) {
    auto outcome = std::make_shared<Barrier::Outcome>();
    store.Append(log, RequestOf(spec, outcome));
    return outcome;
  }
  // Dispatch must follow.
  std::shared_ptr<Barrier::Outcome> Stage(LogHandle log, const BatchSpec& spec) {
    auto outcome = std::make_shared<Barrier::Outcome>();
    store.Stage(log, RequestOf(spec, outcome));
    return outcome;
  }
  bool Append(LogHandle log, const BatchSpec& spec) { return AppendAsync(log, spec)->Wait(); }

  template <typename Verb>
  Recorder::Done Call(Verb verb) {
    verb(++ticket_);
    return recorder.Await(ticket_);
  }
  Status Close(LogHandle log) {
    return Call([&](uint32_t t) { store.Close(log, t); }).status;
  }

  Recorder recorder;
  LogStore store;

 private:
  uint32_t ticket_ = 0;
};

}  // namespace millrace::test
