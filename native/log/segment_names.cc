#include "log/segment_names.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "codec/batch_header.h"

namespace millrace {
namespace {

constexpr size_t kDigits = 20;
constexpr std::string_view kTransactions = ".txnindex";
constexpr std::array<std::string_view, 4> kExtensions{".log", ".index", ".timeindex", kTransactions};

struct Name {
  int64_t base_offset;
  std::string_view extension;
  std::string_view suffix;  // "", ".deleted", ".cleaned", ".swap" or something foreign.
};

std::optional<Name> Parse(std::string_view name) {
  if (name.size() < kDigits) return std::nullopt;
  int64_t base_offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, base_offset);
  if (error != std::errc() || end != name.data() + kDigits || base_offset < 0) return std::nullopt;
  const std::string_view rest = name.substr(kDigits);
  for (const std::string_view extension : kExtensions) {
    if (rest == extension || (rest.starts_with(extension) && rest[extension.size()] == '.')) {
      return Name{base_offset, extension, rest.substr(extension.size())};
    }
  }
  return std::nullopt;
}

Status Drop(FileSystem& file_system, const std::string& path) {
  Status unlinked = file_system.Unlink(path);
  return unlinked.error() == ENOENT ? Status::Ok() : unlinked;
}

// The offset after the last whole batch of a file, by its headers alone: compaction wrote it whole.
Result<int64_t> EndOffset(FileSystem& file_system, const std::string& path, int64_t base_offset) {
  Result<UniqueFd> file = file_system.Open(path, O_RDONLY);
  if (!file.ok()) return file.status();
  std::array<std::byte, kBatchHeaderSize> header;
  int64_t end = base_offset;
  for (int64_t position = 0;;) {
    const auto read = file_system.Pread(file.value().get(), header, position, path);
    if (!read.ok()) return read.status();
    const auto extent = ParseBatchExtent(std::span(header).first(read.value()));
    if (!extent) return end;
    end = extent->last_offset + 1;
    position += extent->size;
  }
}

}  // namespace

Result<SettledNames> SettleSegmentNames(FileSystem& file_system, const std::string& directory) {
  SettledNames settled;
  bool& changed = settled.changed;
  const auto listed = file_system.List(directory);
  if (!listed.ok()) return listed.status();
  const auto path = [&](std::string_view name) { return directory + "/" + std::string(name); };

  int64_t cleaned_min = std::numeric_limits<int64_t>::max();
  for (const std::string& name : listed.value()) {
    const auto parsed = Parse(name);
    if (!parsed) settled.others.push_back(name);
    if (!parsed || (parsed->suffix != ".deleted" && parsed->suffix != ".cleaned")) continue;
    if (parsed->suffix == ".cleaned") cleaned_min = std::min(cleaned_min, parsed->base_offset);
    if (Status dropped = Drop(file_system, path(name)); !dropped.ok()) return dropped;
    changed = true;
  }

  std::vector<std::string> swaps;
  int64_t swap_start = std::numeric_limits<int64_t>::max();
  int64_t swap_end = std::numeric_limits<int64_t>::min();
  for (const std::string& name : listed.value()) {
    const auto parsed = Parse(name);
    if (!parsed || parsed->suffix != ".swap") continue;
    changed = true;
    if (parsed->base_offset >= cleaned_min) {
      if (Status dropped = Drop(file_system, path(name)); !dropped.ok()) return dropped;
      continue;
    }
    swaps.push_back(name);
    if (parsed->extension != ".log") continue;
    const auto end = EndOffset(file_system, path(name), parsed->base_offset);
    if (!end.ok()) return end.status();
    swap_start = std::min(swap_start, parsed->base_offset);
    swap_end = std::max(swap_end, end.value());
  }

  std::set<int64_t> bases;
  std::vector<std::string> indexes;
  for (const std::string& name : listed.value()) {
    const auto parsed = Parse(name);
    if (!parsed || !parsed->suffix.empty()) continue;
    if (parsed->base_offset >= swap_start && parsed->base_offset < swap_end) {
      if (Status dropped = Drop(file_system, path(name)); !dropped.ok()) return dropped;
    } else if (parsed->extension == ".log") {
      bases.insert(parsed->base_offset);
    } else {
      indexes.push_back(name);
    }
  }
  for (const std::string& name : swaps) {
    const std::string target = name.substr(0, name.size() - std::string_view(".swap").size());
    if (Status renamed = file_system.Rename(path(name), path(target)); !renamed.ok()) return renamed;
    const auto parsed = Parse(target);
    if (parsed->extension == ".log") bases.insert(parsed->base_offset);
    if (parsed->extension == kTransactions) settled.others.push_back(target);
  }
  for (const std::string& name : indexes) {
    const auto parsed = Parse(name);
    if (bases.contains(parsed->base_offset)) {
      if (parsed->extension == kTransactions) settled.others.push_back(name);
      continue;
    }
    if (Status dropped = Drop(file_system, path(name)); !dropped.ok()) return dropped;
    changed = true;
  }
  settled.bases.assign(bases.begin(), bases.end());
  return settled;
}

}  // namespace millrace
