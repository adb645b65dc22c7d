// Goal: every way of computing CRC-32C gives the same sum, on any length, alignment and split.

#include "codec/crc32c.h"

#include <cstring>
#include <random>
#include <vector>

#include "check.h"

using namespace millrace;

namespace {

std::span<const std::byte> Bytes(const char* text) {
  return {reinterpret_cast<const std::byte*>(text), std::strlen(text)};
}

// The definition, one bit at a time.
uint32_t BitByBit(std::span<const std::byte> bytes) {
  uint32_t c = ~0u;
  for (const std::byte b : bytes) {
    c ^= static_cast<uint32_t>(b);
    for (int i = 0; i < 8; ++i) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
  }
  return ~c;
}

std::vector<std::byte> Random(std::mt19937& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

}  // namespace

TEST(known_vectors) {
  CHECK_EQ(Crc32c(Bytes("123456789")), 0xe3069283u);
  CHECK_EQ(Crc32c({}), 0u);
  const std::vector<std::byte> zeros(32);
  CHECK_EQ(Crc32c(zeros), 0x8a9136aau);
}

TEST(kernels_agree_with_the_definition) {
  std::mt19937 random(1);
  const auto data = Random(random, 9000);
  for (const Crc32cKernel& kernel : Crc32cKernels()) {
    for (int round = 0; round < 400; ++round) {
      const size_t start = random() % 64;
      const size_t length = round < 300 ? random() % 1200 : random() % (data.size() - start);
      const std::span<const std::byte> part(data.data() + start, length);
      const uint32_t got = ~kernel.update(~0u, part.data(), part.size());
      if (got != BitByBit(part)) {
        check::Fail(__FILE__, __LINE__, std::string(kernel.name) + " length " + std::to_string(length));
        break;
      }
    }
  }
  std::printf("     fastest here: %s of %zu\n", Crc32cKernels().back().name, Crc32cKernels().size());
}

TEST(extending_equals_the_whole) {
  std::mt19937 random(2);
  const auto data = Random(random, 20000);
  const std::span<const std::byte> all(data);
  for (int round = 0; round < 200; ++round) {
    const size_t cut = random() % (data.size() + 1);
    CHECK_EQ(Crc32cExtend(Crc32c(all.first(cut)), all.subspan(cut)), Crc32c(all));
  }
}

CHECK_MAIN()
