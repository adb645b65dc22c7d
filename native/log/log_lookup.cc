// Where the records of an offset lie: from memory near the tail, otherwise by index and batch headers.

#include <algorithm>
#include <cerrno>

#include "log/batch_cursor.h"
#include "log/log.h"

namespace millrace {
namespace {

// Batches walked past the first when the index has no boundary within the budget. More bytes in one answer are
// not worth more reads on the main thread.
constexpr int kWalkMax = 32;

Status Misled(const OffsetIndex& index) { return Status("check index", EILSEQ, index.path()); }

// An entry is the last offset and the position of one batch, which is what must have been read there. A file that
// could not be read, such as that of a segment deleted meanwhile, says nothing about its index.
Status CheckNamed(const OffsetIndex& index, const OffsetIndex::Entry& entry,
                  const Result<std::optional<BatchCursor::Batch>>& batch) {
  if (!batch.ok()) return batch.status().error() == EILSEQ ? Misled(index) : batch.status();
  const bool named = batch.value() && batch.value()->extent.last_offset == entry.offset;
  return named ? Status::Ok() : Misled(index);
}

}  // namespace

Status Log::Doubt(const Segment& segment, const IndexFile& index, Status status) const {
  if (status.error() == EILSEQ && index.Distrust()) {
    // Whoever can search can also queue: a Log is never created const.
    const_cast<Log*>(this)->Queue([base = segment.base_offset()](Log& log) { log.Reindex(base); });
  }
  return status;
}

LookupResult Log::Lookup(const LookupQuery& query) const {
  LogView view;
  {
    std::lock_guard lock(publish_mutex_);
    if (query.offset < start_offset_ || query.offset > end_offset_ || segments_->empty()) {
      return {.status = LookupStatus::OutOfRange};
    }
    const int64_t max_offset = std::min(query.max_offset, end_offset_);
    if (query.offset >= max_offset) return {.status = LookupStatus::Empty};
    const auto range = ring_.Find(query.offset, max_offset, query.max_bytes, query.at_least_one_batch);
    if (range) {
      if (range->length == 0) return {.status = LookupStatus::Empty};
      return {.status = LookupStatus::Found,
              .segment = segments_->back()->file->id(),
              .position = range->position,
              .length = static_cast<int32_t>(range->length),
              .end_offset = range->end_offset};
    }
    view = {segments_, start_offset_, end_offset_, active_bytes_, truncations_};
  }
  return LookupInFiles(view, query);
}

LookupResult Log::LookupInFiles(const LogView& view, const LookupQuery& query) const {
  // Normally one round; more when compaction left nothing at or above the offset in its segment.
  for (size_t i = view.IndexOf(query.offset); i < view.segments->size(); ++i) {
    const Segment& segment = *(*view.segments)[i];
    const int64_t bytes = view.BytesOf(i);
    const auto start = Locate(segment, query.offset, bytes);
    if (!start.ok()) return {.status = LookupStatus::Failed};
    if (!start.value()) continue;
    LookupResult result{.status = LookupStatus::Empty,
                        .segment = segment.file->id(),
                        .position = start.value()->position,
                        .length = 0,
                        .end_offset = view.EndOf(i)};
    int64_t limit = bytes;
    if (query.max_offset < view.EndOf(i)) {
      // A batch that the largest offset cuts through is left out whole.
      const auto end = Locate(segment, query.max_offset, bytes);
      if (!end.ok()) return {.status = LookupStatus::Failed};
      result.end_offset = query.max_offset;
      if (end.value()) {
        limit = end.value()->position;
        const auto& extent = end.value()->extent;
        if (extent) result.end_offset = std::min(query.max_offset, extent->first_offset);
      }
    }
    if (result.position >= limit) return {.status = LookupStatus::Empty};
    if (Status ended = EndRange(segment, *start.value(), limit, query, result); !ended.ok()) {
      return {.status = LookupStatus::Failed};
    }
    return result;
  }
  return {.status = LookupStatus::Empty};
}

// The position of the first batch that ends above the offset, nothing when there is none below `limit`. The
// extent is filled when it was read anyway.
Result<std::optional<Log::Located>> Log::Locate(const Segment& segment, int64_t offset, int64_t limit) const {
  const auto place = segment.offset_index.Find(offset);
  if (!place.ok()) return Doubt(segment, segment.offset_index, place.status());
  if (const auto position = place.value().position) {
    if (*position >= limit) return std::optional<Located>();
    return std::optional<Located>({*position, std::nullopt});
  }
  const auto& entry = place.value().floor;
  if (!entry && offset <= segment.base_offset()) {
    if (limit == 0) return std::optional<Located>();
    return std::optional<Located>({0, std::nullopt});
  }
  BatchCursor cursor(context_.file_system, *segment.file, entry ? entry->position : 0, limit);
  for (bool named = entry.has_value();; named = false) {
    const auto batch = cursor.Next();
    if (named) {
      Status checked = CheckNamed(segment.offset_index, *entry, batch);
      if (!checked.ok()) return Doubt(segment, segment.offset_index, checked);
    }
    if (!batch.ok()) return batch.status();
    if (!batch.value()) return std::optional<Located>();
    const BatchExtent& extent = batch.value()->extent;
    if (extent.last_offset - segment.base_offset() > INT32_MAX) {
      return Status("read batch", EILSEQ, segment.file->name());
    }
    if (extent.last_offset >= offset) return std::optional<Located>({batch.value()->position, extent});
    if (extent.last_offset == offset - 1) {
      // Whatever comes next ends above the offset; no need to look at it.
      if (cursor.position() >= limit) return std::optional<Located>();
      return std::optional<Located>({cursor.position(), std::nullopt});
    }
  }
}

// Sets length and end_offset of a result that starts at a batch and may reach `limit`, or makes it Empty.
Status Log::EndRange(const Segment& segment, const Located& start, int64_t limit, const LookupQuery& query,
                     LookupResult& result) const {
  const int64_t budget = start.position + std::max(query.max_bytes, 0);
  int64_t end = start.position;
  if (limit <= budget) {
    end = limit;
  } else {
    const auto boundary = segment.offset_index.FloorPosition(budget);
    if (!boundary.ok()) return Doubt(segment, segment.offset_index, boundary.status());
    if (boundary.value() && boundary.value()->position > start.position) {
      if (!boundary.value()->follows) {
        BatchCursor cursor(context_.file_system, *segment.file, boundary.value()->position, limit);
        Status checked = CheckNamed(segment.offset_index, *boundary.value(), cursor.Next());
        if (!checked.ok()) return Doubt(segment, segment.offset_index, checked);
      }
      end = boundary.value()->position;
      // The last offset of the batch behind the range.
      result.end_offset = boundary.value()->offset;
    } else {
      BatchCursor cursor(context_.file_system, *segment.file, start.position, limit);
      for (int walked = 0; walked < kWalkMax; ++walked) {
        const auto batch = cursor.Next();
        if (!batch.ok()) return batch.status();
        const bool fits = batch.value() && cursor.position() <= budget;
        if (!fits && !(walked == 0 && query.at_least_one_batch && batch.value())) break;
        end = cursor.position();
        result.end_offset = batch.value()->extent.last_offset + 1;
        if (!fits) break;
      }
    }
  }
  if (end == start.position) return Status::Ok();
  // Segments are below 2 GiB, so any range inside one fits.
  result.length = static_cast<int32_t>(end - start.position);
  result.status = LookupStatus::Found;
  return Status::Ok();
}

}  // namespace millrace
