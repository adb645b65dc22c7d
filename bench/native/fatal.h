#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace millrace::bench {

// A measuring tool has nothing to recover: a run that hit an unexpected failure has no figures to give.
[[noreturn]] inline void Fail(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(2);
}

[[noreturn]] inline void FailErrno(const char* operation) {
  std::fprintf(stderr, "%s: %s\n", operation, std::strerror(errno));
  std::exit(2);
}

// The result of a system call that may not fail.
template <typename Integer>
Integer Must(const char* operation, Integer result) {
  if (result < 0) FailErrno(operation);
  return result;
}

}  // namespace millrace::bench
