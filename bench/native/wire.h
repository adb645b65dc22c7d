#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_order.h"

namespace millrace::bench {

using Bytes = std::span<const std::byte>;

// Kafka's primitive types appended to a growing buffer. A frame is `BeginFrame`, content, `EndFrame`.
class WireWriter {
 public:
  void Int8(int8_t v) { bytes_.push_back(static_cast<std::byte>(v)); }
  void Int16(int16_t v) { StoreInt16(Grow(2), v); }
  void Int32(int32_t v) { StoreInt32(Grow(4), v); }
  void Int64(int64_t v) { StoreInt64(Grow(8), v); }
  void Uvarint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) Int8(static_cast<int8_t>(v | 0x80));
    Int8(static_cast<int8_t>(v));
  }
  void Varint(int64_t v) { Uvarint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void String(std::string_view text) {
    Int16(static_cast<int16_t>(text.size()));
    Raw(std::as_bytes(std::span(text)));
  }
  void CompactString(std::string_view text) {
    Uvarint(text.size() + 1);
    Raw(std::as_bytes(std::span(text)));
  }
  void CompactArray(size_t count) { Uvarint(count + 1); }
  void NoTags() { Uvarint(0); }
  void Raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  void BeginFrame() {
    frame_start_ = bytes_.size();
    Int32(0);
  }
  // `following` bytes belong to the frame and are sent from somewhere else.
  void EndFrame(size_t following = 0) {
    const size_t size = bytes_.size() - frame_start_ - 4 + following;
    StoreInt32(bytes_.data() + frame_start_, static_cast<int32_t>(size));
  }

  // Room for `n` bytes that the caller fills.
  std::byte* Extend(size_t n) { return Grow(n); }
  size_t size() const { return bytes_.size(); }
  std::byte* data() { return bytes_.data(); }
  Bytes bytes() const { return bytes_; }
  void Clear() { bytes_.clear(); }

 private:
  std::byte* Grow(size_t n) {
    bytes_.resize(bytes_.size() + n);
    return bytes_.data() + bytes_.size() - n;
  }

  std::vector<std::byte> bytes_;
  size_t frame_start_ = 0;
};

// The same types read back. Past the end every read gives 0 and `ok()` turns false for good.
class WireReader {
 public:
  explicit WireReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  int8_t Int8() { return Take(1) ? static_cast<int8_t>(At(1)[0]) : int8_t{0}; }
  int16_t Int16() { return Take(2) ? LoadInt16(At(2)) : int16_t{0}; }
  int32_t Int32() { return Take(4) ? LoadInt32(At(4)) : 0; }
  int64_t Int64() { return Take(8) ? LoadInt64(At(8)) : 0; }
  uint64_t Uvarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(Int8());
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  int64_t Varint() {
    const uint64_t v = Uvarint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  std::string_view String() { return Text(Int16()); }
  std::string_view CompactString() { return Text(static_cast<int64_t>(Uvarint()) - 1); }
  // -1 for a null array.
  int64_t CompactArray() { return static_cast<int64_t>(Uvarint()) - 1; }
  void SkipTags() {
    for (uint64_t count = Uvarint(); count > 0 && ok_; --count) {
      Uvarint();
      Skip(Uvarint());
    }
  }
  void Skip(uint64_t n) {
    if (n > remaining()) {
      ok_ = false;
    } else {
      position_ += n;
    }
  }

 private:
  std::string_view Text(int64_t length) {
    if (length <= 0 || !Take(static_cast<size_t>(length))) return {};
    const auto n = static_cast<size_t>(length);
    return {reinterpret_cast<const char*>(At(n)), n};
  }
  bool Take(size_t n) {
    if (n > remaining()) {
      ok_ = false;
      return false;
    }
    position_ += n;
    return true;
  }
  const std::byte* At(size_t taken) const { return bytes_.data() + position_ - taken; }

  Bytes bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace millrace::bench
