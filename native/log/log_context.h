#pragma once

#include <cstdint>
#include <span>

#include "io/file_system.h"
#include "io/recent_bytes.h"
#include "io/resource_cache.h"
#include "io/room_making_file_system.h"
#include "log/log_listener.h"
#include "log/write_pace.h"

namespace millrace {

class Executor;
class Janitor;

// What every log of a store shares. Outlives them.
struct LogContext {
  FileSystem& disk;
  LogListener& listener;
  ResourceCache open_files;
  ResourceCache mappings;
  // The only way to a file.
  RoomMakingFileSystem file_system{disk, open_files, mappings};
  WritePace pace{};
  // Null keeps nothing.
  RecentBytes* recent = nullptr;
  Executor* lanes = nullptr;
  Executor* readers = nullptr;
  Executor* syncers = nullptr;
  Janitor* janitor = nullptr;

  int64_t Keep(std::span<const std::byte> batch) {
    return recent != nullptr ? recent->Keep(batch) : RecentBytes::kNowhere;
  }
};

}  // namespace millrace
