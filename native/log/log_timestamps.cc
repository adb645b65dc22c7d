// Reads that are not for fetches: timestamps, copied bytes, headers. Reader thread.

#include <algorithm>
#include <cerrno>

#include "base/byte_order.h"
#include "codec/record_timestamps.h"
#include "log/batch_cursor.h"
#include "log/log.h"

namespace millrace {
namespace {

// Bounds the answer of ReadHeaders to 4 MB.
constexpr int32_t kHeadersMax = 65'536;

}  // namespace

Result<std::optional<TimestampHit>> Log::FindTimestamp(int64_t timestamp, int64_t max_offset) const {
  const LogView view = View();
  const TimestampQuery query{timestamp, view.start_offset, std::min(max_offset, view.end_offset)};
  for (size_t i = view.IndexOf(view.start_offset); i < view.segments->size(); ++i) {
    const Segment& segment = *(*view.segments)[i];
    if (segment.base_offset() >= query.max_offset) break;
    if (segment.max_timestamp.load(std::memory_order_relaxed) < timestamp) continue;
    auto hit = SearchSegment(view, i, query);
    if (!hit.ok() || hit.value()) return hit;
  }
  return std::optional<TimestampHit>();
}

// Every batch before the floor entry of the time index is older than the timestamp.
Result<std::optional<TimestampHit>> Log::SearchSegment(const LogView& view, size_t i,
                                                       const TimestampQuery& query) const {
  const Segment& segment = *(*view.segments)[i];
  const auto floor = segment.time_index.FloorTimestamp(std::max(query.timestamp, INT64_MIN + 1) - 1);
  if (!floor.ok()) return Doubt(segment, segment.time_index, floor.status());
  // The lane may have added the entry after the view was taken, in which all is older then.
  if (floor.value() && floor.value()->offset >= view.EndOf(i)) return std::optional<TimestampHit>();
  const int64_t floor_offset = floor.value() ? floor.value()->offset : segment.base_offset();
  const int64_t from_offset = std::max(floor_offset, query.start_offset);
  const auto start = Locate(segment, from_offset, view.BytesOf(i));
  if (!start.ok()) return start.status();
  BatchCursor cursor(context_.file_system, *segment.file, start.value() ? start.value()->position : view.BytesOf(i),
                     view.BytesOf(i));
  for (;;) {
    const auto batch = cursor.Next();
    if (!batch.ok()) return batch.status();
    if (!batch.value() || batch.value()->extent.first_offset >= query.max_offset) {
      return std::optional<TimestampHit>();
    }
    const BatchExtent& extent = batch.value()->extent;
    // The batch the entry points at must be as young as the entry says, or those before it were passed over wrongly.
    if (floor.value() && extent.first_offset <= floor_offset && floor_offset <= extent.last_offset &&
        extent.max_timestamp != floor.value()->timestamp) {
      return Doubt(segment, segment.time_index, Status("check index", EILSEQ, segment.time_index.path()));
    }
    if (extent.max_timestamp < query.timestamp || extent.last_offset < query.start_offset) continue;
    auto hit = HitInBatch(segment, extent, batch.value()->position, query);
    if (!hit.ok() || hit.value()) return hit;
  }
}

Result<std::optional<TimestampHit>> Log::HitInBatch(const Segment& segment, const BatchExtent& extent,
                                                    int64_t position, const TimestampQuery& query) const {
  if (extent.magic != kMagic) {
    return std::optional<TimestampHit>(
        {.timestamp = extent.max_timestamp, .offset = extent.last_offset, .leader_epoch = -1, .batch = {}});
  }
  auto bytes = ReadRange(*segment.file, position, extent.size);
  if (!bytes.ok()) return bytes.status();
  const auto header = ParseBatchHeader(bytes.value());
  if (!header) return Status("read batch", EILSEQ, segment.file->name());
  if (header->compressed()) {
    return std::optional<TimestampHit>({.timestamp = extent.max_timestamp,
                                        .offset = extent.first_offset,
                                        .leader_epoch = header->leader_epoch,
                                        .batch = std::move(bytes).value()});
  }
  const auto record = FirstRecordAtOrAfter(bytes.value(), query.timestamp, query.start_offset, query.max_offset);
  if (!record) return std::optional<TimestampHit>();
  return std::optional<TimestampHit>(
      {.timestamp = record->timestamp, .offset = record->offset, .leader_epoch = header->leader_epoch, .batch = {}});
}

Result<std::optional<TimestampHit>> Log::FindMaxTimestamp(int64_t max_offset) const {
  const LogView view = View();
  max_offset = std::min(max_offset, view.end_offset);
  int64_t largest = -1;
  size_t holder = 0;
  for (size_t i = view.IndexOf(view.start_offset); i < view.segments->size(); ++i) {
    if ((*view.segments)[i]->base_offset() >= max_offset) break;
    const auto timestamp = MaxTimestampBelow(view, i, max_offset);
    if (!timestamp.ok()) return timestamp.status();
    if (timestamp.value() > largest) {
      largest = timestamp.value();
      holder = i;
    }
  }
  if (largest < 0) return std::optional<TimestampHit>();
  return SearchSegment(view, holder, {largest, view.start_offset, max_offset});
}

Result<int64_t> Log::MaxTimestampBelow(const LogView& view, size_t i, int64_t max_offset) const {
  const Segment& segment = *(*view.segments)[i];
  if (view.EndOf(i) <= max_offset && view.start_offset <= segment.base_offset()) {
    // The active segment may hold newer batches than the view shows; asked again it would show them too.
    return segment.max_timestamp.load(std::memory_order_relaxed);
  }
  // Only the headers say what is left of a segment that is cut by either bound.
  const auto start = Locate(segment, view.start_offset, view.BytesOf(i));
  if (!start.ok()) return start.status();
  BatchCursor cursor(context_.file_system, *segment.file, start.value() ? start.value()->position : view.BytesOf(i),
                     view.BytesOf(i));
  int64_t largest = -1;
  for (;;) {
    const auto batch = cursor.Next();
    if (!batch.ok()) return batch.status();
    if (!batch.value() || batch.value()->extent.last_offset >= max_offset) return largest;
    if (batch.value()->extent.last_offset < view.start_offset) continue;
    largest = std::max(largest, batch.value()->extent.max_timestamp);
  }
}

Result<ByteVector> Log::ReadBytes(int64_t offset, int64_t max_offset, int32_t max_bytes) const {
  // A truncation between lookup and read is noticed by the short read.
  const LookupResult found = Lookup(
      {.offset = offset, .max_offset = max_offset, .max_bytes = max_bytes, .at_least_one_batch = true});
  if (found.status == LookupStatus::Empty) return ByteVector();
  if (found.status == LookupStatus::OutOfRange) return Status("read offset", ERANGE, directory());
  const auto file = found.status == LookupStatus::Found ? FindSegment(found.segment) : nullptr;
  if (file == nullptr) return Status("read", EIO, directory());
  return ReadRange(*file, found.position, found.length);
}

Result<ByteVector> Log::ReadRange(const SegmentFile& file, int64_t position, int64_t length) const {
  const auto descriptor = file.Acquire();
  if (!descriptor.ok()) return descriptor.status();
  ByteVector bytes(static_cast<size_t>(length));
  const auto read = context_.file_system.Pread(descriptor.value()->get(), bytes, position, file.name());
  if (!read.ok()) return read.status();
  if (read.value() < bytes.size()) return Status("pread", EIO, file.name());
  return bytes;
}

Result<ByteVector> Log::ReadHeaders(int64_t offset, int32_t batches_max) const {
  const LogView view = View();
  ByteVector headers;
  if (offset < view.start_offset || offset > view.end_offset) return Status("read offset", ERANGE, directory());
  int32_t left = std::clamp(batches_max, 0, kHeadersMax);
  for (size_t i = view.IndexOf(offset); i < view.segments->size() && left > 0; ++i) {
    const Segment& segment = *(*view.segments)[i];
    const auto start = Locate(segment, offset, view.BytesOf(i));
    if (!start.ok()) return start.status();
    if (!start.value()) continue;
    BatchCursor cursor(context_.file_system, *segment.file, start.value()->position, view.BytesOf(i));
    for (; left > 0; --left) {
      const auto batch = cursor.Next();
      if (!batch.ok()) return batch.status();
      if (!batch.value()) break;
      if (batch.value()->header.size() < kBatchHeaderSize) return Status("read batch", EILSEQ, segment.file->name());
      headers.insert(headers.end(), batch.value()->header.begin(), batch.value()->header.end());
    }
  }
  return headers;
}

}  // namespace millrace
