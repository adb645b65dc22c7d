#include "log/cleaner/record_source.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace millrace {

void RecordSource::Begin(std::span<const BatchView> batches) {
  batches_ = batches;
  jobs_.assign(batches.size(), nullptr);
  started_ = 0;
  passed_ = 0;
}

Result<std::span<const std::byte>> RecordSource::RecordsOf(size_t index) {
  const BatchView& batch = batches_[index];
  if (!batch.header.compressed()) return batch.records();
  if (transcoder_ == nullptr) return Status("decompress records", ENOTSUP, "");
  StartAhead(index);
  Result<ByteVector> records = std::exchange(jobs_[index], nullptr)->Wait(cancelled_);
  if (!records.ok()) return records.status();
  records_ = std::move(records).value();
  return std::span<const std::byte>(records_);
}

void RecordSource::StartAhead(size_t index) {
  // What the caller passed over is not needed any more.
  for (; passed_ < index; ++passed_) jobs_[passed_].reset();
  started_ = std::max(started_, index);
  auto in_flight = static_cast<size_t>(std::count_if(jobs_.begin() + static_cast<ptrdiff_t>(index),
                                                     jobs_.begin() + static_cast<ptrdiff_t>(started_),
                                                     [](const auto& job) { return job != nullptr; }));
  for (; started_ < batches_.size() && in_flight < kAheadMax; ++started_) {
    const BatchView& batch = batches_[started_];
    if (!batch.header.compressed()) continue;
    const auto bytes = batch.records();
    auto& job = jobs_[started_];
    job = std::make_shared<TranscodeJob>(batch.header.codec(), false, ByteVector(bytes.begin(), bytes.end()));
    transcoder_->Start(job);
    ++in_flight;
  }
}

}  // namespace millrace
