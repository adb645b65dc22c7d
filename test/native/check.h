#pragma once

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

// A tiny harness. A file is one program: TEST cases register themselves, CHECK records a failure and goes on,
// REQUIRE ends the program. CHECK_MAIN() runs everything, or the cases whose name contains argv[1]. A case that
// waits for what never happens fails after kCaseSecondsMax, which leaves room for a sanitizer on a busy machine.
namespace check {

constexpr unsigned kCaseSecondsMax = 300;

struct Case {
  const char* name;
  void (*run)();
};
inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}
inline int& Failures() {
  static int failures = 0;
  return failures;
}
struct Register {
  Register(const char* name, void (*run)()) { Cases().push_back({name, run}); }
};

inline void Fail(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  ++Failures();
}

template <typename A, typename B>
void Equal(const char* file, int line, const char* text, const A& actual, const B& expected) {
  if (actual == expected) return;
  std::ostringstream out;
  out << text << ": got " << actual << ", expected " << expected;
  Fail(file, line, out.str());
}

// A directory that is gone when the object is.
class TempDirectory {
 public:
  TempDirectory() {
    const char* base = std::getenv("TMPDIR");
    std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/millrace-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The case that runs, for the signal handler.
inline const char*& Running() {
  static const char* name = "";
  return name;
}

// Only calls that are safe in a signal handler.
inline void TookTooLong(int) {
  const auto say = [](const char* text) { (void)!::write(STDERR_FILENO, text, __builtin_strlen(text)); };
  say("FAIL ");
  say(Running());
  say(": still running after 5 minutes\n");
  ::_exit(1);
}

inline int Main(int argc, char** argv) {
  int ran = 0;
  ::signal(SIGALRM, TookTooLong);
  for (const Case& c : Cases()) {
    if (argc > 1 && std::string(c.name).find(argv[1]) == std::string::npos) continue;
    const int before = Failures();
    Running() = c.name;
    ::alarm(kCaseSecondsMax);
    c.run();
    ::alarm(0);
    ++ran;
    std::printf("%s %s\n", Failures() == before ? "ok  " : "FAIL", c.name);
    std::fflush(stdout);
  }
  return Failures() == 0 && ran > 0 ? 0 : 1;
}

}  // namespace check

#define TEST(name)                                          \
  static void name();                                       \
  static const check::Register register_##name(#name, name); \
  static void name()
#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) check::Fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (0)
#define CHECK_EQ(actual, expected) check::Equal(__FILE__, __LINE__, #actual, actual, expected)
#define REQUIRE(condition)                                                \
  do {                                                                    \
    if (!(condition)) {                                                   \
      check::Fail(__FILE__, __LINE__, "required: " #condition);           \
      std::exit(1);                                                       \
    }                                                                     \
  } while (0)
#define CHECK_MAIN() \
  int main(int argc, char** argv) { return check::Main(argc, argv); }
