#include "log/segment.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>

#include "log/log_context.h"

namespace millrace {
namespace {

int64_t WallClockMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string SegmentPath(const std::string& directory, int64_t base_offset, const char* extension) {
  char name[32];
  std::snprintf(name, sizeof name, "/%020" PRId64, base_offset);
  return directory + name + extension;
}

Segment::Segment(LogContext& context, const std::string& directory, int64_t base_offset, int64_t size,
                 const char* suffix)
    : file(std::make_shared<SegmentFile>(context.file_system, context.open_files,
                                         SegmentPath(directory, base_offset, ".log") + suffix, base_offset, size)),
      offset_index(context.file_system, context.mappings, SegmentPath(directory, base_offset, ".index") + suffix,
                   base_offset),
      time_index(context.file_system, context.mappings, SegmentPath(directory, base_offset, ".timeindex") + suffix,
                 base_offset),
      created_ms(WallClockMs()),
      stem_(SegmentPath(directory, base_offset, "")),
      suffix_(suffix) {}

Status Segment::Create(LogContext& context) {
  Result<UniqueFd> created = context.file_system.Open(file->name(), O_RDWR | O_CREAT | O_TRUNC);
  return created.ok() ? Status::Ok() : created.status();
}

bool Segment::IndexesReadyFor(const LogOptions& options, int64_t bytes) const {
  return (offset_index.prepared() && time_index.prepared()) ||
         bytes_since_entry + bytes <= options.index_interval_bytes;
}

Status Segment::PrepareIndexes(const LogOptions& options, int64_t bytes) {
  if (IndexesReadyFor(options, bytes)) return Status::Ok();
  Status prepared = offset_index.Prepare(options.segment_index_bytes);
  if (prepared.ok()) prepared = time_index.Prepare(options.segment_index_bytes);
  return prepared;
}

// Kafka's order: the batch counts towards the largest timestamp before an entry is due, and towards the interval
// only after.
Status Segment::Index(const BatchExtent& batch, int64_t position, int32_t index_interval_bytes) {
  if (position == 0) first_timestamp = batch.max_timestamp;
  if (batch.max_timestamp > max_timestamp.load(std::memory_order_relaxed)) {
    max_timestamp.store(batch.max_timestamp, std::memory_order_relaxed);
    max_timestamp_offset = batch.last_offset;
  }
  if (bytes_since_entry > index_interval_bytes) {
    Status added = offset_index.Append({batch.last_offset, position}, position + batch.size);
    if (added.ok()) {
      added = time_index.MaybeAppend({max_timestamp.load(std::memory_order_relaxed), max_timestamp_offset});
    }
    if (!added.ok()) return added;
    bytes_since_entry = 0;
  }
  bytes_since_entry += batch.size;
  return Status::Ok();
}

Status Segment::SealIndexes() {
  Status sealed = Status::Ok();
  if (max_timestamp_offset >= 0) {
    sealed = time_index.MaybeAppend({max_timestamp.load(std::memory_order_relaxed), max_timestamp_offset});
  }
  if (sealed.ok()) sealed = offset_index.Trim();
  if (sealed.ok()) sealed = time_index.Trim();
  return sealed;
}

Status Segment::LoadIndexes() {
  Status loaded = offset_index.Load();
  if (loaded.ok()) loaded = time_index.Load();
  if (!loaded.ok()) return loaded;
  const auto offsets = offset_index.Last();
  if (!offsets.ok()) return offsets.status();
  // Both columns rise, so of several entries the last cannot be at zero: that is a tail nobody trimmed.
  if (offsets.value() && (offsets.value()->offset < base_offset() || offsets.value()->position < 0 ||
                          offsets.value()->position >= file->size() ||
                          (offsets.value()->position == 0 && offset_index.count() > 1))) {
    return Status("check index", EILSEQ, offset_index.path());
  }
  const auto first = time_index.First();
  const auto last = time_index.Last();
  if (!first.ok()) return first.status();
  if (!last.ok()) return last.status();
  if (last.value()) {
    if (last.value()->timestamp < first.value()->timestamp || last.value()->offset < base_offset()) {
      return Status("check index", EILSEQ, time_index.path());
    }
    max_timestamp.store(last.value()->timestamp, std::memory_order_relaxed);
    max_timestamp_offset = last.value()->offset;
  }
  return Status::Ok();
}

void Segment::Rest() {
  file->Rest();
  offset_index.Rest();
  time_index.Rest();
}

Status Segment::Resuffix(FileSystem& file_system, const char* suffix) {
  const std::string txn_index_path = this->txn_index_path();
  suffix_ = suffix;
  Status first = file->RenameTo(stem_ + ".log" + suffix);
  Status renamed = offset_index.RenameTo(stem_ + ".index" + suffix);
  if (first.ok()) first = std::move(renamed);
  renamed = time_index.RenameTo(stem_ + ".timeindex" + suffix);
  if (first.ok()) first = std::move(renamed);
  renamed = file_system.Rename(txn_index_path, this->txn_index_path());
  if (first.ok() && !renamed.ok() && renamed.error() != ENOENT) first = std::move(renamed);
  return first;
}

void Segment::Unlink(FileSystem& file_system) {
  // Whatever stays behind is dropped by name at the next start.
  (void)file_system.Unlink(file->path());
  (void)file_system.Unlink(offset_index.path());
  (void)file_system.Unlink(time_index.path());
  (void)file_system.Unlink(txn_index_path());
}

}  // namespace millrace
