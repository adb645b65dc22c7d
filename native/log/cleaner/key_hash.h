#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

struct KeyHash {
  uint64_t high;
  uint64_t low;
  friend bool operator==(const KeyHash&, const KeyHash&) = default;
};

// SipHash-1-3 with 128 bits under a secret: cleaning tells keys apart by their hash alone, so a client must not be
// able to make two of them meet. Any thread.
class KeyHasher {
 public:
  using Secret = std::array<uint64_t, 2>;

  // Draws the secret.
  KeyHasher();
  explicit KeyHasher(const Secret& secret) : secret_(secret) {}
  KeyHash Hash(std::span<const std::byte> key) const;

 private:
  Secret secret_;
};

}  // namespace millrace
