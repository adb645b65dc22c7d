#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace millrace {

// Zigzag varints, as records use them.

// Takes one from the front; nothing when the bytes end within it or it has more than 64 bits.
inline std::optional<int64_t> TakeVarint(std::span<const std::byte>& bytes) {
  uint64_t value = 0;
  size_t at = 0;
  for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    const auto byte = static_cast<uint64_t>(bytes[at++]);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    bytes = bytes.subspan(at);
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  return std::nullopt;
}

inline size_t VarintSize(int64_t value) {
  auto zigzag = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  size_t size = 1;
  for (; zigzag >= 0x80; zigzag >>= 7) ++size;
  return size;
}

inline void AppendVarint(std::vector<std::byte>& out, int64_t value) {
  auto zigzag = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) out.push_back(static_cast<std::byte>(zigzag | 0x80));
  out.push_back(static_cast<std::byte>(zigzag));
}

}  // namespace millrace
