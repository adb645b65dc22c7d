#include "log/cleaner/key_hash.h"

#include <bit>
#include <cstring>
#include <random>

namespace millrace {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    v0 ^= word;
  }
  uint64_t Finish() {
    for (int i = 0; i < 3; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// The words need only be the same on one machine.
uint64_t LoadWord(const std::byte* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

}  // namespace

KeyHasher::KeyHasher() {
  std::random_device random;
  for (uint64_t& word : secret_) word = (uint64_t{random()} << 32) | random();
}

KeyHash KeyHasher::Hash(std::span<const std::byte> key) const {
  const auto [k0, k1] = secret_;
  State state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee, k0 ^ 0x6c7967656e657261,
              k1 ^ 0x7465646279746573};
  const std::byte* at = key.data();
  const std::byte* const words_end = at + key.size() / 8 * 8;
  for (; at != words_end; at += 8) state.Absorb(LoadWord(at));
  uint64_t last = static_cast<uint64_t>(key.size()) << 56;
  for (size_t i = 0; i < key.size() % 8; ++i) last |= static_cast<uint64_t>(at[i]) << (8 * i);
  state.Absorb(last);
  state.v2 ^= 0xee;
  const uint64_t high = state.Finish();
  state.v1 ^= 0xdd;
  return {high, state.Finish()};
}

}  // namespace millrace
