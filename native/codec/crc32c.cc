#include "codec/crc32c.h"

#include <array>
#include <cstring>

#include "base/byte_order.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace millrace {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78u;  // Reflected.

// --- Portable: slicing by eight. ---

constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (kPolynomial & (0u - (c & 1)));
    tables[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 8; ++t) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
    }
  }
  return tables;
}();

uint64_t LoadLittleEndian(const std::byte* at) { return __builtin_bswap64(LoadBigEndian<uint64_t>(at)); }

uint32_t UpdatePortable(uint32_t state, const std::byte* at, size_t length) {
  for (; length >= 8; length -= 8, at += 8) {
    const uint64_t v = LoadLittleEndian(at) ^ state;
    state = 0;
    for (size_t i = 0; i < 8; ++i) state ^= kTables[7 - i][(v >> (8 * i)) & 0xff];
  }
  for (; length > 0; --length, ++at) {
    state = (state >> 8) ^ kTables[0][(state ^ static_cast<uint32_t>(*at)) & 0xff];
  }
  return state;
}

#if defined(__x86_64__)

// x^n modulo the polynomial, reflected: bit 31 is x^0.
constexpr uint32_t PowerOfX(unsigned n) {
  uint32_t c = 0x80000000u;
  while (n-- > 0) c = (c >> 1) ^ (kPolynomial & (0u - (c & 1)));
  return c;
}

// Bytes per chain and round of the interleaved way; a multiple of 8 that keeps the joins rare.
constexpr size_t kChainBytes = 1360;
constexpr uint64_t kShiftOneChain = PowerOfX(8 * kChainBytes - 33);
constexpr uint64_t kShiftTwoChains = PowerOfX(16 * kChainBytes - 33);

// The two multipliers that move a 128-bit remainder `bits` further.
struct FoldKey {
  uint64_t low, high;
};
constexpr FoldKey FoldBy(unsigned bits) {
  return {uint64_t{PowerOfX(bits + 63)} << 32, uint64_t{PowerOfX(bits - 1)} << 32};
}
alignas(16) constexpr FoldKey kFold128 = FoldBy(128);
alignas(16) constexpr FoldKey kFold512 = FoldBy(512);
alignas(16) constexpr FoldKey kFold2048 = FoldBy(2048);

#define MILLRACE_SSE __attribute__((target("sse4.2,pclmul")))
#define MILLRACE_AVX512 __attribute__((target("sse4.2,pclmul,avx512f,avx512dq,avx512vl,vpclmulqdq")))

MILLRACE_SSE uint32_t UpdateOneChain(uint32_t state, const std::byte* at, size_t length) {
  uint64_t c = state;
  for (; length >= 8; length -= 8, at += 8) c = _mm_crc32_u64(c, LoadLittleEndian(at));
  for (; length > 0; --length, ++at) {
    c = _mm_crc32_u8(static_cast<uint32_t>(c), static_cast<unsigned char>(*at));
  }
  return static_cast<uint32_t>(c);
}

// Three independent chains hide the three-cycle latency of the instruction; a multiplication joins them.
MILLRACE_SSE uint32_t UpdateThreeChains(uint32_t state, const std::byte* at, size_t length) {
  uint64_t a = state;
  for (; length >= 3 * kChainBytes; length -= 3 * kChainBytes, at += 3 * kChainBytes) {
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < kChainBytes; i += 8) {
      a = _mm_crc32_u64(a, LoadLittleEndian(at + i));
      b = _mm_crc32_u64(b, LoadLittleEndian(at + kChainBytes + i));
      c = _mm_crc32_u64(c, LoadLittleEndian(at + 2 * kChainBytes + i));
    }
    const __m128i moved_a =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(a)), _mm_cvtsi64_si128(kShiftTwoChains), 0);
    const __m128i moved_b =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(b)), _mm_cvtsi64_si128(kShiftOneChain), 0);
    a = c ^ _mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_xor_si128(moved_a, moved_b))));
  }
  return UpdateOneChain(static_cast<uint32_t>(a), at, length);
}

MILLRACE_SSE inline __m128i Load128(const std::byte* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
MILLRACE_SSE inline __m128i Key128(const FoldKey& key) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(&key));
}
MILLRACE_SSE inline __m128i Fold128(__m128i x, __m128i key, __m128i next) {
  return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, key, 0x00), _mm_clmulepi64_si128(x, key, 0x11)), next);
}

MILLRACE_SSE uint32_t FinishFour(const __m128i* x, const std::byte* at, size_t length) {
  const __m128i key = Key128(kFold128);
  const __m128i r = Fold128(Fold128(Fold128(x[0], key, x[1]), key, x[2]), key, x[3]);
  uint64_t c = _mm_crc32_u64(0, static_cast<uint64_t>(_mm_extract_epi64(r, 0)));
  c = _mm_crc32_u64(c, static_cast<uint64_t>(_mm_extract_epi64(r, 1)));
  return UpdateOneChain(static_cast<uint32_t>(c), at, length);
}

MILLRACE_SSE uint32_t UpdateFold128(uint32_t state, const std::byte* at, size_t length) {
  if (length < 128) return UpdateOneChain(state, at, length);
  __m128i x[4];
  for (size_t i = 0; i < 4; ++i) x[i] = Load128(at + 16 * i);
  x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128(static_cast<int>(state)));
  at += 64;
  length -= 64;
  const __m128i key = Key128(kFold512);
  for (; length >= 64; length -= 64, at += 64) {
    for (size_t i = 0; i < 4; ++i) x[i] = Fold128(x[i], key, Load128(at + 16 * i));
  }
  return FinishFour(x, at, length);
}

MILLRACE_AVX512 inline __m512i Fold512(__m512i x, __m512i key, __m512i next) {
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(x, key, 0x00), _mm512_clmulepi64_epi128(x, key, 0x11),
                                   next, 0x96);
}

// Not _mm512_broadcast_i32x4: some compilers warn about its deliberately undefined pass-through operand.
MILLRACE_AVX512 inline __m512i Key512(const FoldKey& key) {
  const auto low = static_cast<long long>(key.low), high = static_cast<long long>(key.high);
  return _mm512_set_epi64(high, low, high, low, high, low, high, low);
}

MILLRACE_AVX512 uint32_t UpdateFold512(uint32_t state, const std::byte* at, size_t length) {
  if (length < 512) return UpdateFold128(state, at, length);
  __m512i x[4];
  for (size_t i = 0; i < 4; ++i) x[i] = _mm512_loadu_si512(at + 64 * i);
  x[0] = _mm512_xor_si512(x[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(state))));
  at += 256;
  length -= 256;
  __m512i key = Key512(kFold2048);
  for (; length >= 256; length -= 256, at += 256) {
    for (size_t i = 0; i < 4; ++i) x[i] = Fold512(x[i], key, _mm512_loadu_si512(at + 64 * i));
  }
  key = Key512(kFold512);
  const __m512i joined = Fold512(Fold512(Fold512(x[0], key, x[1]), key, x[2]), key, x[3]);
  __m128i parts[4];
  _mm512_storeu_si512(parts, joined);
  return FinishFour(parts, at, length);
}

#elif defined(__ARM_FEATURE_CRC32)

uint32_t UpdateArm(uint32_t state, const std::byte* at, size_t length) {
  for (; length >= 8; length -= 8, at += 8) state = __crc32cd(state, LoadLittleEndian(at));
  for (; length > 0; --length, ++at) state = __crc32cb(state, static_cast<uint8_t>(*at));
  return state;
}

#endif

struct Kernels {
  std::array<Crc32cKernel, 5> list{{{"portable", UpdatePortable}}};
  size_t count = 1;

  Kernels() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) {
      list[count++] = {"sse4.2 one chain", UpdateOneChain};
      list[count++] = {"pclmul", UpdateFold128};
      list[count++] = {"sse4.2 three chains", UpdateThreeChains};
      if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("vpclmulqdq")) {
        list[count++] = {"vpclmulqdq", UpdateFold512};
      }
    }
#elif defined(__ARM_FEATURE_CRC32)
    list[count++] = {"arm crc", UpdateArm};
#endif
  }
};

const Kernels& AllKernels() {
  static const Kernels kernels;
  return kernels;
}

}  // namespace

std::span<const Crc32cKernel> Crc32cKernels() { return {AllKernels().list.data(), AllKernels().count}; }

uint32_t Crc32cExtend(uint32_t crc, std::span<const std::byte> bytes) {
  static const auto update = Crc32cKernels().back().update;
  return ~update(~crc, bytes.data(), bytes.size());
}

uint32_t Crc32c(std::span<const std::byte> bytes) { return Crc32cExtend(0, bytes); }

}  // namespace millrace
