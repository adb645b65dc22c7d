#include "log/log.h"

#include <algorithm>
#include <utility>

namespace millrace {
namespace {

// A drained queue larger than this gives its memory back.
constexpr size_t kQueueKeepMax = 1024;

}  // namespace

size_t LogView::IndexOf(int64_t offset) const {
  const auto above = std::upper_bound(segments->begin(), segments->end(), offset,
                                      [](int64_t o, const auto& segment) { return o < segment->base_offset(); });
  return above == segments->begin() ? 0 : static_cast<size_t>(above - segments->begin()) - 1;
}

Log::Log(LogContext& context, LogHandle handle, OpenOptions options)
    : context_(context),
      handle_(handle),
      directory_(std::move(options.directory)),
      recovery_point_(options.recovery_point),
      compacted_below_(options.compacted_below),
      segments_(std::make_shared<SegmentList>()),
      start_offset_(options.log_start_offset),
      options_(options.log),
      cancellation_(directory_) {}

void Log::Queue(AppendRequest request) {
  if (Enqueue(Work(std::move(request)))) context_.lanes->Submit(shared_from_this());
}

void Log::Queue(Control control) {
  if (Enqueue(Work(std::move(control)))) context_.lanes->Submit(shared_from_this());
}

bool Log::Claim(AppendRequest request) { return Enqueue(Work(std::move(request))); }

bool Log::Enqueue(Work work) {
  std::lock_guard lock(queue_mutex_);
  queue_.push_back(std::move(work));
  return !std::exchange(scheduled_, true);
}

void Log::Run() {
  {
    std::lock_guard lock(queue_mutex_);
    std::swap(working_, queue_);
  }
  for (size_t i = 0; i < working_.size();) {
    if (auto* control = std::get_if<Control>(&working_[i])) {
      (*control)(*this);
      ++i;
      continue;
    }
    size_t end = i;
    while (end < working_.size() && std::holds_alternative<AppendRequest>(working_[end])) ++end;
    AppendAll(std::span(working_).subspan(i, end - i));
    i = end;
  }
  working_.clear();
  if (working_.capacity() > kQueueKeepMax) working_.shrink_to_fit();
  {
    std::lock_guard lock(queue_mutex_);
    if (queue_.empty()) {
      scheduled_ = false;
      return;
    }
  }
  context_.lanes->Submit(shared_from_this());
}

LogView Log::View() const {
  std::lock_guard lock(publish_mutex_);
  return {segments_, start_offset_, end_offset_, active_bytes_, truncations_};
}

std::shared_ptr<const SegmentFile> Log::FindSegment(int64_t id) const {
  const LogView view = View();
  const SegmentList& segments = *view.segments;
  if (segments.empty()) return nullptr;
  if (id >= 0) {
    const auto& segment = segments[view.IndexOf(id)];
    if (segment->file->id() == id) return segment->file;
  } else {
    // Compaction leaves few segments.
    const auto is_it = [&](const auto& segment) { return segment->file->id() == id; };
    const auto made = std::find_if(segments.begin(), segments.end(), is_it);
    if (made != segments.end()) return (*made)->file;
  }
  std::lock_guard lock(publish_mutex_);
  for (const auto& retired : retired_) {
    auto file = retired.lock();
    if (file != nullptr && file->id() == id) return file;
  }
  return nullptr;
}

SegmentRange Log::FindRange(int64_t id, int64_t position, int64_t length) const {
  {
    std::lock_guard lock(publish_mutex_);
    if (!segments_->empty() && segments_->back()->file->id() == id) {
      return {segments_->back()->file, ring_.FindRecent(position, length)};
    }
  }
  return {FindSegment(id)};
}

std::vector<SegmentInfo> Log::Segments() const {
  const LogView view = View();
  std::vector<SegmentInfo> infos;
  infos.reserve(view.segments->size());
  for (size_t i = 0; i < view.segments->size(); ++i) {
    const Segment& segment = *(*view.segments)[i];
    const auto stat = context_.file_system.Stat(segment.file->path());
    infos.push_back({.base_offset = segment.base_offset(),
                     .size_bytes = view.BytesOf(i),
                     .max_timestamp = segment.max_timestamp.load(std::memory_order_relaxed),
                     .last_modified_ms = stat.ok() ? stat.value().modified_ms : 0});
  }
  return infos;
}

}  // namespace millrace
