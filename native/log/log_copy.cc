#include "log/log_copy.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "log/log.h"
#include "log/log_context.h"

namespace millrace {
namespace {

constexpr size_t kBufferBytes = 1 << 20;

}  // namespace

LogCopy::LogCopy(LogContext& context, std::string directory)
    : context_(context), directory_(std::move(directory)) {}

std::string LogCopy::PathOf(int64_t base_offset, const char* extension) const {
  return SegmentPath(directory_, base_offset, extension);
}

Status LogCopy::Begin(const LogView& view) {
  if (begun_) {
    return view.truncations == truncations_ ? Status::Ok() : Status("copy", ECANCELED, directory_);
  }
  truncations_ = view.truncations;
  Status made = context_.file_system.MakeDirectory(directory_);
  begun_ = made.ok();
  return made;
}

Status LogCopy::FollowSegments(const LogView& view) {
  std::vector<Copied> next;
  next.reserve(view.segments->size());
  auto known = segments_.begin();
  for (const auto& segment : *view.segments) {
    for (; known != segments_.end() && known->base_offset < segment->base_offset(); ++known) {
      for (const char* extension : {".log", ".index", ".timeindex"}) {
        Status gone = context_.file_system.Unlink(PathOf(known->base_offset, extension));
        if (!gone.ok() && gone.error() != ENOENT) return gone;
      }
    }
    if (known == segments_.end() || known->base_offset != segment->base_offset()) {
      next.push_back({segment->base_offset(), segment->file->id()});
      continue;
    }
    if (known->id != segment->file->id()) return Status("copy", ECANCELED, directory_);
    next.push_back(*known++);
  }
  segments_ = std::move(next);
  return Status::Ok();
}

Result<CopyProgress> LogCopy::Step(const LogView& view, int64_t bytes_max, const CopyPace& pace) {
  if (Status begun = Begin(view); !begun.ok()) return begun;
  if (Status followed = FollowSegments(view); !followed.ok()) return followed;
  int64_t left = bytes_max;
  for (size_t i = 0; i < segments_.size() && left > 0; ++i) {
    Copied& copied = segments_[i];
    if (copied.complete) continue;
    const Segment& segment = *(*view.segments)[i];
    const int64_t whole = view.BytesOf(i);
    const int64_t limit = copied.bytes + std::min(whole - copied.bytes, left);
    left -= limit - copied.bytes;
    if (Status done = CopyBytes(segment, copied, limit, pace); !done.ok()) return done;
    if (copied.bytes < whole || i + 1 == segments_.size()) continue;
    if (Status done = CopyIndexes(segment); !done.ok()) return done;
    copied.complete = true;
  }
  if (Status synced = context_.file_system.SyncDirectory(directory_); !synced.ok()) return synced;
  return ProgressOf(view);
}

Status LogCopy::CopyBytes(const Segment& segment, Copied& copied, int64_t limit, const CopyPace& pace) {
  FileSystem& files = context_.file_system;
  const bool fresh = copied.bytes == 0;
  if (!fresh && copied.bytes == limit) return Status::Ok();
  const std::string path = PathOf(copied.base_offset, ".log");
  const auto target = files.Open(path, O_WRONLY | O_CREAT | (fresh ? O_TRUNC : 0));
  if (!target.ok()) return target.status();
  const auto source = segment.file->Acquire();
  if (!source.ok()) return source.status();
  buffer_.resize(kBufferBytes);
  while (copied.bytes < limit) {
    if (Status wanted = pace.cancelled.Check(); !wanted.ok()) return wanted;
    const auto part = std::span(buffer_).first(
        static_cast<size_t>(std::min<int64_t>(limit - copied.bytes, static_cast<int64_t>(kBufferBytes))));
    const auto read = files.Pread(source.value()->get(), part, copied.bytes, segment.file->name());
    if (!read.ok()) return read.status();
    // Published bytes are there unless somebody cut the file behind our back.
    if (read.value() < part.size()) return Status("copy", ECANCELED, directory_);
    iovec whole{part.data(), part.size()};
    if (Status written = files.Pwritev(target.value().get(), std::span(&whole, 1), copied.bytes, path);
        !written.ok()) {
      return written;
    }
    copied.bytes += static_cast<int64_t>(part.size());
    pace.throttle.Charge(static_cast<int64_t>(part.size()), pace.cancelled);
  }
  return files.SyncData(target.value().get(), path);
}

Status LogCopy::CopyIndexes(const Segment& segment) {
  const int64_t base_offset = segment.base_offset();
  Status copied = CopyFile(segment.offset_index.path(), PathOf(base_offset, ".index"));
  if (copied.ok()) copied = CopyFile(segment.time_index.path(), PathOf(base_offset, ".timeindex"));
  return copied;
}

// A small segment has no index file.
Status LogCopy::CopyFile(const std::string& from, const std::string& to) {
  FileSystem& files = context_.file_system;
  const auto source = files.Open(from, O_RDONLY);
  if (!source.ok()) return source.status().error() == ENOENT ? Status::Ok() : source.status();
  const auto target = files.Open(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!target.ok()) return target.status();
  buffer_.resize(kBufferBytes);
  for (int64_t position = 0;;) {
    const auto read = files.Pread(source.value().get(), buffer_, position, from);
    if (!read.ok()) return read.status();
    if (read.value() == 0) break;
    iovec part{buffer_.data(), read.value()};
    Status written = files.Pwritev(target.value().get(), std::span(&part, 1), position, to);
    if (!written.ok()) return written;
    position += static_cast<int64_t>(read.value());
  }
  return files.SyncData(target.value().get(), to);
}

CopyProgress LogCopy::ProgressOf(const LogView& view) const {
  CopyProgress progress{.end_offset = view.end_offset};
  bool behind = false;
  for (size_t i = 0; i < segments_.size(); ++i) {
    progress.copied_bytes += segments_[i].bytes;
    const int64_t lag = view.BytesOf(i) - segments_[i].bytes;
    progress.lag_bytes += lag;
    // Offsets are known at segment boundaries; the true end of the copy lies at or behind this one.
    if (lag > 0 && !std::exchange(behind, true)) progress.end_offset = segments_[i].base_offset;
  }
  return progress;
}

}  // namespace millrace
