#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millrace {

// Big-endian integers at any alignment, as Kafka's wire and files hold them.

constexpr uint16_t SwapBigEndian(uint16_t v) {
  return std::endian::native == std::endian::big ? v : __builtin_bswap16(v);
}
constexpr uint32_t SwapBigEndian(uint32_t v) {
  return std::endian::native == std::endian::big ? v : __builtin_bswap32(v);
}
constexpr uint64_t SwapBigEndian(uint64_t v) {
  return std::endian::native == std::endian::big ? v : __builtin_bswap64(v);
}

template <typename Unsigned>
inline Unsigned LoadBigEndian(const std::byte* at) {
  Unsigned v;
  std::memcpy(&v, at, sizeof v);
  return SwapBigEndian(v);
}
template <typename Unsigned>
inline void StoreBigEndian(std::byte* at, Unsigned v) {
  v = SwapBigEndian(v);
  std::memcpy(at, &v, sizeof v);
}

inline int16_t LoadInt16(const std::byte* at) { return static_cast<int16_t>(LoadBigEndian<uint16_t>(at)); }
inline int32_t LoadInt32(const std::byte* at) { return static_cast<int32_t>(LoadBigEndian<uint32_t>(at)); }
inline int64_t LoadInt64(const std::byte* at) { return static_cast<int64_t>(LoadBigEndian<uint64_t>(at)); }
inline uint32_t LoadUint32(const std::byte* at) { return LoadBigEndian<uint32_t>(at); }

inline void StoreInt16(std::byte* at, int16_t v) { StoreBigEndian(at, static_cast<uint16_t>(v)); }
inline void StoreInt32(std::byte* at, int32_t v) { StoreBigEndian(at, static_cast<uint32_t>(v)); }
inline void StoreInt64(std::byte* at, int64_t v) { StoreBigEndian(at, static_cast<uint64_t>(v)); }
inline void StoreUint32(std::byte* at, uint32_t v) { StoreBigEndian(at, v); }

}  // namespace millrace
