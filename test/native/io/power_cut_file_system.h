#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/file_system.h"

namespace millrace::test {

// The real file system below one directory, which stops before any one operation that counts, as if the process had
// died there, and knows what a kill or a power cut at that moment would leave:
//
//   contents   of a file as of its last sync, empty when it never had one; or as they are
//   names      of a directory as of its last sync, and any of the changes since then: not every file system brings
//              them to the device in their order. One change, also a rename, happens as a whole or not at all
//
// One operation at a time, on any thread.
class PowerCutFileSystem final : public FileSystem {
 public:
  explicit PowerCutFileSystem(std::string root) : root_path_(std::move(root)) {}

  // `count` more operations are carried out, every later one fails and changes nothing.
  void StopAfter(int count) {
    std::lock_guard lock(mutex_);
    left_ = count;
  }
  bool stopped() {
    std::lock_guard lock(mutex_);
    return left_ < 0;
  }
  // What the first operation that was refused would have done.
  std::string refused() {
    std::lock_guard lock(mutex_);
    return refused_;
  }

  // Which of the changes of names since the last syncs are kept, and whose contents are as of the last sync.
  struct Cut {
    std::string name;
    std::function<bool(size_t change)> keeps_name;
    std::function<bool(size_t file)> keeps_content;
  };

  // Kills and power cuts worth telling apart, with `chances` random ones. Once stopped, or when all threads rest.
  std::vector<Cut> Cuts(int chances) {
    std::lock_guard lock(mutex_);
    const size_t count = pending_.size();
    const auto all = [](size_t) { return true; };
    const auto none = [](size_t) { return false; };
    std::vector<Cut> cuts{{"kill", all, all}, {"no name, no content", none, none}, {"all names, no content", all, none},
                          {"no name, all content", none, all}};
    for (size_t i = 0; i < count && count > 1; ++i) {
      cuts.push_back({"first " + std::to_string(i), [i](size_t change) { return change < i; }, none});
      cuts.push_back({"only " + Told(i), [i](size_t change) { return change == i; }, none});
      cuts.push_back({"all but " + Told(i), [i](size_t change) { return change != i; }, none});
    }
    for (int seed = 0; seed < chances; ++seed) {
      const auto chance = [seed](size_t i, uint32_t salt) {
        return (std::minstd_rand(static_cast<uint32_t>(seed) * 7919 + static_cast<uint32_t>(i) * 104729 + salt)() & 64) != 0;
      };
      cuts.push_back({"chance " + std::to_string(seed), [chance](size_t i) { return chance(i, 1); },
                      [chance](size_t i) { return chance(i, 2); }});
    }
    return cuts;
  }

  using Tree = std::map<std::string, std::vector<char>>;

  // Files by their path below the root; directories end in a slash.
  Tree Left(const Cut& cut) {
    std::lock_guard lock(mutex_);
    std::map<const Node*, Names> views;
    for (size_t i = 0; i < pending_.size(); ++i) {
      if (!cut.keeps_name(i)) continue;
      const auto& [directory, entries] = pending_[i];
      Apply(entries, views.try_emplace(directory.get(), directory->durable_names).first->second);
    }
    Tree tree;
    size_t file = 0;
    const std::function<void(const Node&, const std::string&)> visit = [&](const Node& directory,
                                                                          const std::string& path) {
      const auto view = views.find(&directory);
      for (const auto& [name, node] : view == views.end() ? directory.durable_names : view->second) {
        if (node->directory) {
          tree[path + name + "/"];
          visit(*node, path + name + "/");
        } else {
          tree[path + name] = cut.keeps_content(file++) ? ContentOf(*node) : node->durable;
        }
      }
    };
    visit(*root_, "");
    return tree;
  }

  static void Write(const Tree& tree, const std::string& root) {
    std::filesystem::create_directories(root);
    for (const auto& [path, content] : tree) {
      if (path.ends_with('/')) {
        std::filesystem::create_directories(root + "/" + path);
      } else {
        std::ofstream(root + "/" + path, std::ios::binary)
            .write(content.data(), static_cast<std::streamsize>(content.size()));
      }
    }
  }

  Result<UniqueFd> Open(const std::string& path, int flags) override {
    std::lock_guard lock(mutex_);
    const auto [directory, name] = ParentOf(path);
    const bool known = directory != nullptr && Child(*directory, name) != nullptr;
    const bool creates = directory != nullptr && !known && (flags & O_CREAT) != 0;
    if (creates || (known && (flags & O_TRUNC) != 0)) {
      if (!Take("open " + path)) return Status("open", EIO, path);
    } else if (left_ < 0 && (flags & O_ACCMODE) != O_RDONLY) {
      return Status("open", EIO, path);
    }
    auto opened = real_.Open(path, flags);
    if (!opened.ok() || !creates) return opened;
    auto node = std::make_shared<Node>();
    node->fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    nodes_[IdOf(opened.value().get())] = node;
    Change(directory, {{name, std::move(node)}});
    return opened;
  }
  Result<size_t> Pread(int fd, std::span<std::byte> into, int64_t position, const std::string& path) override {
    return real_.Pread(fd, into, position, path);
  }
  Status Pwritev(int fd, std::span<iovec> parts, int64_t position, const std::string& path) override {
    std::lock_guard lock(mutex_);
    return Take("write " + path) ? real_.Pwritev(fd, parts, position, path) : Status("pwritev", EIO, path);
  }
  Status Truncate(int fd, int64_t size, const std::string& path) override {
    std::lock_guard lock(mutex_);
    return Take("truncate " + path) ? real_.Truncate(fd, size, path) : Status("ftruncate", EIO, path);
  }
  Status Reserve(int fd, int64_t position, int64_t length, const std::string& path) override {
    std::lock_guard lock(mutex_);
    return Take("reserve " + path) ? real_.Reserve(fd, position, length, path) : Status("fallocate", EIO, path);
  }
  Status SyncData(int fd, const std::string& path) override {
    std::lock_guard lock(mutex_);
    if (!Take("sync " + path)) return Status("fdatasync", EIO, path);
    Node& node = *nodes_.at(IdOf(fd));
    node.durable = ContentOf(node);
    return Status::Ok();
  }
  Status SyncDirectory(const std::string& path) override {
    std::lock_guard lock(mutex_);
    if (!Take("sync directory " + path)) return Status("fsync", EIO, path);
    const auto directory = NodeAt(path);
    if (directory == nullptr) return Status("open", ENOENT, path);
    std::erase_if(pending_, [&](const auto& change) {
      if (change.first == directory) Apply(change.second, directory->durable_names);
      return change.first == directory;
    });
    return Status::Ok();
  }
  Status Rename(const std::string& from, const std::string& to) override {
    std::lock_guard lock(mutex_);
    const auto [source, name] = ParentOf(from);
    const auto node = source == nullptr ? nullptr : Child(*source, name);
    if (node == nullptr) return Status("rename", left_ < 0 ? EIO : ENOENT, from);
    if (!Take("rename " + from + " to " + Last(to))) return Status("rename", EIO, from);
    Status renamed = real_.Rename(from, to);
    // Within one directory, as everything here.
    if (renamed.ok()) Change(source, {{name, nullptr}, {Last(to), node}});
    return renamed;
  }
  Status SetModified(const std::string& path, int64_t modified_ms) override {
    std::lock_guard lock(mutex_);
    return Take("date " + path) ? real_.SetModified(path, modified_ms) : Status("utimensat", EIO, path);
  }
  Status Unlink(const std::string& path) override {
    std::lock_guard lock(mutex_);
    const auto [directory, name] = ParentOf(path);
    if (directory == nullptr || Child(*directory, name) == nullptr) return Status("unlink", left_ < 0 ? EIO : ENOENT, path);
    if (!Take("unlink " + path)) return Status("unlink", EIO, path);
    Status unlinked = real_.Unlink(path);
    if (unlinked.ok()) Change(directory, {{name, nullptr}});
    return unlinked;
  }
  Status MakeDirectory(const std::string& path) override {
    std::lock_guard lock(mutex_);
    const auto [directory, name] = ParentOf(path);
    if (directory == nullptr) return Status("mkdir", ENOENT, path);
    if (Child(*directory, name) != nullptr) return Status::Ok();
    if (!Take("make directory " + path)) return Status("mkdir", EIO, path);
    Status made = real_.MakeDirectory(path);
    if (!made.ok()) return made;
    auto node = std::make_shared<Node>();
    node->directory = true;
    Change(directory, {{name, std::move(node)}});
    return made;
  }
  Result<std::vector<std::string>> List(const std::string& path) override { return real_.List(path); }
  Result<FileStat> Stat(const std::string& path) override { return real_.Stat(path); }
  Result<MappedFile> Map(int fd, size_t length, bool writable, const std::string& path) override {
    return real_.Map(fd, length, writable, path);
  }

  // Everything that is in the real directory is known from here on, and on the device.
  void Adopt() {
    std::lock_guard lock(mutex_);
    root_ = AdoptDirectory(root_path_);
    pending_.clear();
  }

 private:
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct Node {
    bool directory = false;
    // Keeps the bytes of a file without a name, and its number from being used again.
    UniqueFd fd;
    std::vector<char> durable;
    Names names;
    Names durable_names;
    // As of the moment of the stop: stores through a mapping go on after it.
    std::vector<char> last;
    bool has_last = false;
  };
  // A name that is no more has no node.
  using Entries = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;
  using Id = std::pair<dev_t, ino_t>;

  static Id IdOf(int fd) {
    struct stat info {};
    (void)::fstat(fd, &info);
    return {info.st_dev, info.st_ino};
  }

  static std::string Last(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  static void Apply(const Entries& entries, Names& names) {
    for (const auto& [name, node] : entries) {
      if (node == nullptr) {
        names.erase(name);
      } else {
        names[name] = node;
      }
    }
  }

  static std::vector<char> ContentOf(const Node& node) {
    if (node.has_last) return node.last;
    struct stat info {};
    (void)::fstat(node.fd.get(), &info);
    std::vector<char> content(static_cast<size_t>(info.st_size));
    (void)!::pread(node.fd.get(), content.data(), content.size(), 0);
    return content;
  }

  void Change(const std::shared_ptr<Node>& directory, Entries entries) {
    Apply(entries, directory->names);
    pending_.emplace_back(directory, std::move(entries));
  }

  std::string Told(size_t change) const {
    std::string told;
    for (const auto& [name, node] : pending_[change].second) told += (node == nullptr ? " -" : " +") + name;
    return told;
  }

  // Null when there is none.
  std::shared_ptr<Node> NodeAt(const std::string& path) const {
    auto at = root_;
    for (size_t begin = root_path_.size(); begin < path.size() && at != nullptr;) {
      const size_t end = std::min(path.find('/', begin + 1), path.size());
      at = Child(*at, path.substr(begin + 1, end - begin - 1));
      begin = end;
    }
    return at;
  }
  static std::shared_ptr<Node> Child(const Node& directory, const std::string& name) {
    const auto found = directory.names.find(name);
    return found == directory.names.end() ? nullptr : found->second;
  }

  std::pair<std::shared_ptr<Node>, std::string> ParentOf(const std::string& path) const {
    return {NodeAt(path.substr(0, path.rfind('/'))), Last(path)};
  }

  std::shared_ptr<Node> AdoptDirectory(const std::string& path) {
    auto directory = std::make_shared<Node>();
    directory->directory = true;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::shared_ptr<Node> node;
      if (entry.is_directory()) {
        node = AdoptDirectory(entry.path());
      } else {
        node = std::make_shared<Node>();
        node->fd = UniqueFd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        node->durable = ContentOf(*node);
        nodes_[IdOf(node->fd.get())] = node;
      }
      directory->names[entry.path().filename()] = std::move(node);
    }
    directory->durable_names = directory->names;
    return directory;
  }

  // Whether the process lives to do it.
  bool Take(const std::string& operation) {
    if (left_ < 0) return false;
    if (--left_ >= 0) return true;
    refused_ = operation;
    for (const auto& [id, node] : nodes_) {
      node->last = ContentOf(*node);
      node->has_last = true;
    }
    return false;
  }

  const std::string root_path_;
  FileSystem& real_ = RealFileSystem();
  std::mutex mutex_;
  std::shared_ptr<Node> root_ = [] {
    auto root = std::make_shared<Node>();
    root->directory = true;
    return root;
  }();
  std::map<Id, std::shared_ptr<Node>> nodes_;
  std::vector<std::pair<std::shared_ptr<Node>, Entries>> pending_;
  int left_ = INT_MAX;
  std::string refused_;
};

}  // namespace millrace::test
