// Compaction's part of the lane: one segment takes the place of others.
//
//   1  the new files get the suffix `.swap`     a crash before the end of this step undoes it
//   2  readers see the new segment
//   3  the old files get the suffix `.deleted`  a crash from here on finishes it, see recovery.h
//   4  the new files lose their suffix

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

Status Log::ReplaceSegments(const SegmentList& sources, const std::shared_ptr<Segment>& cleaned,
                            int64_t truncations) {
  const auto place = PlaceOf(sources, truncations);
  if (!place.ok()) return place.status();
  FileSystem& files = context_.file_system;
  if (Status named = cleaned->Resuffix(files, ".swap"); !named.ok()) return named;
  ++directory_changes_;
  cleaned->file->SetId(--last_cleaned_id_);
  SegmentList segments = *segments_;
  const auto first = segments.begin() + static_cast<ptrdiff_t>(place.value());
  *first = cleaned;
  segments.erase(first + 1, first + static_cast<ptrdiff_t>(sources.size()));
  auto next = std::make_shared<const SegmentList>(std::move(segments));
  {
    // At once: a reply that was looked up before must find its segment at any time.
    std::lock_guard lock(publish_mutex_);
    segments_.swap(next);
    Retire(sources);
  }
  Status renamed = Status::Ok();
  for (const auto& source : sources) {
    Status deleted = source->MarkDeleted(files);
    // One that kept its name must not be unlinked by it: the new one may have that name by then.
    if (deleted.ok()) context_.janitor->Remove(source, kRetiredFor);
    if (renamed.ok()) renamed = std::move(deleted);
  }
  if (renamed.ok()) renamed = cleaned->Resuffix(files, "");
  // The next start finishes it; until then nothing can be trusted to the names.
  if (!renamed.ok()) Fail(std::move(renamed));
  return Status::Ok();
}

// Where the sources stand, if they are all there still and closed.
Result<size_t> Log::PlaceOf(const SegmentList& sources, int64_t truncations) const {
  if (state_ != State::Working) return failure_.ok() ? Status("clean", ECANCELED, directory_) : failure_;
  const SegmentList& all = *segments_;
  const auto first = std::find(all.begin(), all.end(), sources.front());
  const auto left = static_cast<size_t>(all.end() - first);
  if (truncations != truncations_ || left <= sources.size() ||
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
