#pragma once

#include "io/file_system.h"
#include "io/resource_cache.h"
#include "log/log_listener.h"
#include "log/write_pace.h"

namespace millrace {

class Executor;
class Janitor;

// What every log of a store shares. Outlives them.
struct LogContext {
  FileSystem& file_system;
  LogListener& listener;
  ResourceCache open_files;
  ResourceCache mappings;
  WritePace pace{};
  Executor* lanes = nullptr;
  Executor* readers = nullptr;
  Executor* syncers = nullptr;
  Janitor* janitor = nullptr;
};

}  // namespace millrace
