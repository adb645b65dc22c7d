#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

// CRC-32C (Castagnoli) as Kafka's record batches use it: Crc32c("123456789") == 0xe3069283.
// Picks the fastest way the processor offers on first use. Any thread.
uint32_t Crc32c(std::span<const std::byte> bytes);

// Continues a sum: Crc32cExtend(Crc32c(a), b) == Crc32c(a + b), and Crc32cExtend(0, a) == Crc32c(a).
uint32_t Crc32cExtend(uint32_t crc, std::span<const std::byte> bytes);

// One way to compute it, for tests that compare them all.
struct Crc32cKernel {
  const char* name;
  // Works on the inverted state; pointer and length may be anything.
  uint32_t (*update)(uint32_t state, const std::byte* bytes, size_t length);
};

// Those this processor can run, slowest first; the portable one is always there.
std::span<const Crc32cKernel> Crc32cKernels();

}  // namespace millrace
