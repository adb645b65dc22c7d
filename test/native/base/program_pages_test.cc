// Goal: memory that only starting up needed is given back, and nothing of the program is lost. Method: a table in the
// program's constants, read before and after, and what the system says is resident.
#include "base/program_pages.h"

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <numeric>

#include "check.h"

using namespace millrace;

namespace {

constexpr size_t kTableBytes = 8 << 20;

// Not zero, or it would be no part of the file.
struct Table {
  unsigned char bytes[kTableBytes] = {1, 2, 3};
};
constexpr Table kTable;

uint64_t Sum() {
  const volatile unsigned char* bytes = kTable.bytes;
  uint64_t sum = 0;
  for (size_t i = 0; i < kTableBytes; i += 64) sum += bytes[i] + i;
  return sum;
}

// Pages of files, the third figure; see proc_pid_statm(5).
uint64_t ResidentFileBytes() {
  uint64_t size = 0, resident = 0, shared = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> shared;
  return shared * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST(WhatIsNotUsedIsGivenBackAndComesAgain) {
  const uint64_t sum = Sum();
  const uint64_t before = ResidentFileBytes();
  ReleaseProgramPages();
  CHECK(ResidentFileBytes() + kTableBytes / 2 < before);
  CHECK_EQ(Sum(), sum);
}

CHECK_MAIN()
