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
  std::string digits;
  int64_t base_offset;
  std::string_view extension;
  std::string suffix;  // "", ".deleted", ".cleaned", ".swap" or something foreign.
};

std::optional<Name> Parse(std::string_view name) {
  if (name.size() < kDigits) return std::nullopt;
  int64_t base_offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, base_offset);
  if (error != std::errc() || end != name.data() + kDigits || base_offset < 0) return std::nullopt;
  const std::string_view rest = name.substr(kDigits);
  for (const std::string_view extension : kExtensions) {
    if (rest == extension || (rest.starts_with(extension) && rest[extension.size()] == '.')) {
      return Name{std::string(name.substr(0, kDigits)), base_offset, extension,
                  std::string(rest.substr(extension.size()))};
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

std::vector<Name> Named(const std::vector<std::string>& listed) {
  std::vector<Name> names;
  for (const std::string& name : listed) {
    if (const auto parsed = Parse(name)) names.push_back(*parsed);
  }
  return names;
}

// Every step leaves a directory in which the same would be done again, also when a power cut keeps a later change and
// loses an earlier one: hence the syncs.
class Leftovers {
 public:
  Leftovers(FileSystem& file_system, const std::string& directory, std::vector<Name> names)
      : file_system_(file_system), directory_(directory), names_(std::move(names)) {
    for (const Name& name : names_) {
      if (name.suffix == ".cleaned") cleaned_min_ = std::min(cleaned_min_, name.base_offset);
    }
  }

  bool any() const {
    return std::any_of(names_.begin(), names_.end(), [](const Name& name) {
      return name.suffix == ".deleted" || name.suffix == ".cleaned" || name.suffix == ".swap";
    });
  }

  // Files of `.swap` names that never became a whole segment, and only then what tells so.
  Status Undo() const {
    const auto worthless = [&](const Name& name) {
      return name.suffix == ".swap" && name.base_offset >= cleaned_min_;
    };
    Status undone = DropWhere(worthless, true);
    if (!undone.ok()) return undone;
    return DropWhere([](const Name& name) { return name.suffix == ".deleted" || name.suffix == ".cleaned"; }, false);
  }

  // What the whole ones replace goes first, then each gets its `.log`, which says that nothing is to go any more.
  Status Finish() const {
    int64_t start = std::numeric_limits<int64_t>::max();
    int64_t end = std::numeric_limits<int64_t>::min();
    for (const Name& name : names_) {
      if (!Swapped(name) || name.extension != ".log") continue;
      const auto reaches = EndOffset(file_system_, PathOf(name), name.base_offset);
      if (!reaches.ok()) return reaches.status();
      start = std::min(start, name.base_offset);
      end = std::max(end, reaches.value());
    }
    const auto replaced = [&](const Name& name) {
      return name.suffix.empty() && name.base_offset >= start && name.base_offset < end;
    };
    Status finished = DropWhere(replaced, true);
    if (finished.ok()) finished = NameWhere([](const Name& name) { return name.extension == ".log"; }, true);
    if (finished.ok()) finished = NameWhere([](const Name& name) { return name.extension != ".log"; }, false);
    return finished;
  }

  // What is there now, without indexes that belong to nothing.
  Status DropOrphans(SettledNames& settled) const {
    std::vector<Name> names = names_;
    if (any()) {
      const auto listed = file_system_.List(directory_);
      if (!listed.ok()) return listed.status();
      names = Named(listed.value());
    }
    std::set<int64_t> bases;
    for (const Name& name : names) {
      if (name.suffix.empty() && name.extension == ".log") bases.insert(name.base_offset);
    }
    for (const Name& name : names) {
      if (!name.suffix.empty()) continue;
      if (!bases.contains(name.base_offset)) {
        if (Status dropped = Drop(file_system_, PathOf(name)); !dropped.ok()) return dropped;
        settled.changed = true;
      } else if (name.extension == kTransactions) {
        settled.others.push_back(name.digits + std::string(name.extension));
      }
    }
    settled.bases.assign(bases.begin(), bases.end());
    return Status::Ok();
  }

 private:
  bool Swapped(const Name& name) const { return name.suffix == ".swap" && name.base_offset < cleaned_min_; }

  std::string PathOf(const Name& name, bool suffixed = true) const {
    std::string path = directory_ + "/" + name.digits + std::string(name.extension);
    return suffixed ? path + name.suffix : path;
  }

  template <typename Wanted>
  Status DropWhere(Wanted wanted, bool synced) const {
    bool dropped = false;
    for (const Name& name : names_) {
      if (!wanted(name)) continue;
      if (Status gone = Drop(file_system_, PathOf(name)); !gone.ok()) return gone;
      dropped = true;
    }
    return dropped && synced ? file_system_.SyncDirectory(directory_) : Status::Ok();
  }

  template <typename Wanted>
  Status NameWhere(Wanted wanted, bool synced) const {
    bool renamed = false;
    for (const Name& name : names_) {
      if (!Swapped(name) || !wanted(name)) continue;
      if (Status given = file_system_.Rename(PathOf(name), PathOf(name, false)); !given.ok()) return given;
      renamed = true;
    }
    return renamed && synced ? file_system_.SyncDirectory(directory_) : Status::Ok();
  }

  FileSystem& file_system_;
  const std::string& directory_;
  const std::vector<Name> names_;
  int64_t cleaned_min_ = std::numeric_limits<int64_t>::max();
};

}  // namespace

Result<SettledNames> SettleSegmentNames(FileSystem& file_system, const std::string& directory) {
  const auto listed = file_system.List(directory);
  if (!listed.ok()) return listed.status();
  const Leftovers leftovers(file_system, directory, Named(listed.value()));
  if (Status undone = leftovers.Undo(); !undone.ok()) return undone;
  if (Status finished = leftovers.Finish(); !finished.ok()) return finished;
  SettledNames settled;
  settled.changed = leftovers.any();
  for (const std::string& name : listed.value()) {
    if (!Parse(name)) settled.others.push_back(name);
  }
  Status dropped = leftovers.DropOrphans(settled);
  return dropped.ok() ? Result<SettledNames>(std::move(settled)) : dropped;
}

}  // namespace millrace
