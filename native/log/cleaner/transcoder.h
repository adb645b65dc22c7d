#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/status.h"
#include "log/cleaner/cancellation.h"
#include "log/log_types.h"

namespace millrace {

// One batch's records on their way through a codec. Made by a cleaner, completed on any thread, waited for by the
// cleaner; whoever comes last frees it.
class TranscodeJob {
 public:
  TranscodeJob(int codec, bool compress, ByteVector input)
      : codec(codec), compress(compress), input(std::move(input)) {}

  const int codec;
  const bool compress;
  const ByteVector input;

  // Nothing when the codec refused the bytes. Once.
  void Complete(std::optional<ByteVector> output) {
    std::lock_guard lock(mutex_);
    output_ = std::move(output);
    done_ = true;
    changed_.notify_all();
  }
  Result<ByteVector> Wait(const Cancellation& cancelled) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kCancellationCheck, [&] { return done_; })) {
      if (cancelled.cancelled()) return cancelled.status();
    }
    if (!output_) return Status(compress ? "compress records" : "decompress records", EILSEQ, "");
    return std::move(*output_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::optional<ByteVector> output_;
};

// Whoever has the codecs. Any thread.
class Transcoder {
 public:
  virtual void Start(std::shared_ptr<TranscodeJob> job) = 0;

 protected:
  ~Transcoder() = default;
};

}  // namespace millrace
