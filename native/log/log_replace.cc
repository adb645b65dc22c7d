// Compaction's part of the lane: one segment takes the place of others, which has been written and synced under
// `.cleaned` names.
//
//   offer   the new files get the suffix `.swap`                                       a crash before the end of it
//                                                                                      undoes it
//   take    readers see the new segment, the old files get the suffix `.deleted`       a crash from here on finishes
//   name    the new files lose their suffix                                            it, see recovery.h
//
// After each the cleaner syncs the directory, since a power cut may keep a later rename and lose an earlier one: were
// the old names gone and the new ones not there, the records would be lost; were the new segment to have its name and
// an old one inside its range too, they would be there twice.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "log/janitor.h"
#include "log/log.h"

namespace millrace {
namespace {

// How long a replaced segment can still be found by its id: from a lookup until the reply that names it is handed
// over, which is one turn of the script. A reply that comes later ends its connection.
constexpr std::chrono::seconds kRetiredFor{5};

}  // namespace

Status Log::OfferSegment(const SegmentList& sources, const Cleaned& cleaned) {
  const auto place = PlaceOf(sources, cleaned.truncations);
  if (!place.ok()) return place.status();
  ++directory_changes_;
  return cleaned.segment->Resuffix(context_.file_system, ".swap");
}

Status Log::TakeSegment(const SegmentList& sources, const Cleaned& cleaned) {
  const auto place = PlaceOf(sources, cleaned.truncations);
  if (!place.ok()) return place.status();
  cleaned.segment->file->SetId(--last_cleaned_id_);
  SegmentList segments = *segments_;
  const auto first = segments.begin() + static_cast<ptrdiff_t>(place.value());
  *first = cleaned.segment;
  segments.erase(first + 1, first + static_cast<ptrdiff_t>(sources.size()));
  auto next = std::make_shared<const SegmentList>(std::move(segments));
  {
    // At once: a reply that was looked up before must find its segment at any time.
    std::lock_guard lock(publish_mutex_);
    segments_.swap(next);
    Retire(sources);
  }
  ++directory_changes_;
  Status renamed = Status::Ok();
  for (const auto& source : sources) {
    Status deleted = source->MarkDeleted(context_.file_system);
    // One that kept its name must not be unlinked by it: the new one may have that name by then.
    if (deleted.ok()) context_.janitor->Remove(source, kRetiredFor);
    if (renamed.ok()) renamed = std::move(deleted);
  }
  // The next start finishes it; until then nothing can be trusted to the names.
  if (!renamed.ok()) Fail(std::move(renamed));
  return Status::Ok();
}

Status Log::NameSegment(const Cleaned& cleaned, Status synced) {
  const bool there = std::find(segments_->begin(), segments_->end(), cleaned.segment) != segments_->end();
  // Where it stays under its `.swap` names the next start gives it its own.
  if (state_ != State::Working || !there) return synced;
  if (IsSyncFailure(synced)) sync_failed_ = true;
  if (synced.ok()) {
    ++directory_changes_;
    synced = cleaned.segment->Resuffix(context_.file_system, "");
  }
  if (!synced.ok()) Fail(synced);
  return synced;
}

// Where the sources stand, if they are all there still and closed.
Result<size_t> Log::PlaceOf(const SegmentList& sources, int64_t truncations) const {
  if (state_ != State::Working) return failure_.ok() ? Status("clean", ECANCELED, directory_) : failure_;
  const SegmentList& all = *segments_;
  const auto first = std::find(all.begin(), all.end(), sources.front());
  const auto left = static_cast<size_t>(all.end() - first);
  // The names of one that could not be given its own would be overwritten.
  const bool named = std::none_of(sources.begin(), sources.end(), [](const auto& s) { return s->suffixed(); });
  if (truncations != truncations_ || !named || left <= sources.size() ||
      !std::equal(sources.begin(), sources.end(), first)) {
    return Status("clean", ECANCELED, directory_);
  }
  return static_cast<size_t>(first - all.begin());
}

void Log::Retire(const SegmentList& sources) {
  std::erase_if(retired_, [](const auto& file) { return file.expired(); });
  for (const auto& source : sources) retired_.push_back(source->file);
}

}  // namespace millrace
