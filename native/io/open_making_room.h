#pragma once

#include <cerrno>
#include <string>

#include "io/file_system.h"
#include "io/resource_cache.h"

namespace millrace {

// Opens a file although the process or the system has no descriptor left, as long as `cache` holds some that can be
// had again. Not while holding the lock of a resource in it.
inline Result<UniqueFd> OpenMakingRoom(FileSystem& file_system, ResourceCache& cache, const std::string& path,
                                       int flags) {
  for (;;) {
    Result<UniqueFd> opened = file_system.Open(path, flags);
    const bool full = !opened.ok() && (opened.status().error() == EMFILE || opened.status().error() == ENFILE);
    if (!full || !cache.GiveWay()) return opened;
  }
}

}  // namespace millrace
