#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "../io/power_cut_file_system.h"
#include "check.h"

namespace millrace::test {

// One state of the disk after a crash.
struct Left {
  std::string root;
  bool power = false;
};

// Operations between one stop and the next. The sanitizers look at threads and memory: for them some of the stops do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kCrashStride = 3;
#else
inline constexpr int kCrashStride = 1;
#endif

// `prepare` fills a directory, on the device. `work` is begun on it anew for each operation it carries out, and stopped
// before that; what it adds to `facts` while it runs counts as acknowledged. Each state of the disk that a kill or a
// power cut may then leave is handed to `check`, unless the same was seen with the same facts. Returns the number of
// operations.
template <typename Facts>
struct EveryCrash {
  std::function<void(const std::string& root)> prepare = [](const std::string&) {};
  std::function<void(PowerCutFileSystem& files, const std::string& root, Facts& facts)> work;
  std::function<void(const Left& left, const Facts& facts)> check;
  int chances = 4;

  int Run() const {
    check::TempDirectory dir;
    const std::string prepared = dir / "prepared";
    std::filesystem::create_directories(prepared);
    prepare(prepared);
    std::set<std::pair<Facts, PowerCutFileSystem::Tree>> seen;
    for (int steps = 0;; steps += kCrashStride) {
      const std::string root = dir / "work";
      std::filesystem::copy(prepared, root, std::filesystem::copy_options::recursive);
      PowerCutFileSystem files(root);
      files.Adopt();
      files.StopAfter(steps);
      Facts facts{};
      work(files, root, facts);
      for (const auto& cut : files.Cuts(chances)) {
        auto tree = files.Left(cut);
        if (!seen.emplace(facts, tree).second) continue;
        const int before = check::Failures();
        const std::string left = dir / "left";
        PowerCutFileSystem::Write(tree, left);
        check({.root = left, .power = cut.name != "kill"}, facts);
        std::filesystem::remove_all(left);
        if (check::Failures() == before) continue;
        std::fprintf(stderr, "  stopped before step %d, %s; kept: %s\n", steps, files.refused().c_str(),
                     cut.name.c_str());
        // One is enough to look at; thousands would follow.
        if (check::Failures() > 20) return steps;
      }
      std::filesystem::remove_all(root);
      if (!files.stopped()) return steps;
    }
  }
};

}  // namespace millrace::test
