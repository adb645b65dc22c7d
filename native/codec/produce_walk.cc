#include "codec/produce_walk.h"

#include "base/byte_order.h"
#include "codec/batch_header.h"

namespace millrace {

namespace {

constexpr int16_t kProduceKey = 0;
constexpr int16_t kVersionMin = 3;
constexpr int16_t kFlexibleFrom = 9;
constexpr int16_t kTopicIdFrom = 13;
constexpr int16_t kVersionMax = 13;

// A bounds-checked cursor. After a failure every read yields nothing and ok() stays false.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }

  std::span<const std::byte> Take(uint64_t size) {
    if (!ok_ || size > rest_.size()) return Fail();
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  int16_t Int16() {
    const auto bytes = Take(2);
    return ok_ ? LoadInt16(bytes.data()) : int16_t{0};
  }
  int32_t Int32() {
    const auto bytes = Take(4);
    return ok_ ? LoadInt32(bytes.data()) : 0;
  }
  uint32_t Uvarint() {
    uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto bytes = Take(1);
      if (!ok_) return 0;
      const auto byte = static_cast<uint8_t>(bytes[0]);
      if (shift == 28 && byte > 0x0f) break;
      value |= static_cast<uint32_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    Fail();
    return 0;
  }

 private:
  std::span<const std::byte> Fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

// The fields a Produce request is made of; `flexible` selects compact encodings and tagged fields.
class ProduceWalk {
 public:
  ProduceWalk(Cursor cursor, int16_t version)
      : cursor_(cursor), version_(version), flexible_(version >= kFlexibleFrom) {}

  bool Verified() {
    cursor_.Take(4);      // correlation id
    SkipLegacyString();   // client id, never compact
    SkipTags();           // end of the header
    SkipString();         // transactional id
    cursor_.Take(2 + 4);  // acks, timeout
    const uint32_t topics = Count();
    for (uint32_t i = 0; i < topics && cursor_.ok(); i++) {
      if (!Topic()) return false;
    }
    SkipTags();
    return cursor_.ok() && cursor_.done();
  }

 private:
  bool Topic() {
    if (version_ >= kTopicIdFrom) {
      cursor_.Take(16);
    } else {
      SkipString();
    }
    const uint32_t partitions = Count();
    for (uint32_t i = 0; i < partitions && cursor_.ok(); i++) {
      cursor_.Take(4);  // partition
      const auto records = Bytes();
      if (!cursor_.ok() || Inspect(records) != Inspection::Valid) return false;
      SkipTags();
    }
    SkipTags();
    return cursor_.ok();
  }

  // Array length; null counts as empty. Every element takes bytes, so a hostile count runs out of frame.
  uint32_t Count() {
    if (flexible_) {
      const uint32_t raw = cursor_.Uvarint();
      return raw == 0 ? 0 : raw - 1;
    }
    const int32_t raw = cursor_.Int32();
    return raw < 0 ? 0 : static_cast<uint32_t>(raw);
  }
  std::span<const std::byte> Bytes() {
    if (flexible_) {
      const uint32_t raw = cursor_.Uvarint();
      return cursor_.Take(raw == 0 ? 0 : raw - 1);
    }
    const int32_t raw = cursor_.Int32();
    return cursor_.Take(raw < 0 ? 0 : static_cast<uint32_t>(raw));
  }
  void SkipLegacyString() {
    const int16_t length = cursor_.Int16();
    cursor_.Take(length < 0 ? 0 : static_cast<uint64_t>(length));
  }
  void SkipString() {
    if (!flexible_) return SkipLegacyString();
    const uint32_t raw = cursor_.Uvarint();
    cursor_.Take(raw == 0 ? 0 : raw - 1);
  }
  void SkipTags() {
    if (!flexible_) return;
    const uint32_t count = cursor_.Uvarint();
    for (uint32_t i = 0; i < count && cursor_.ok(); i++) {
      cursor_.Uvarint();
      cursor_.Take(cursor_.Uvarint());
    }
  }

  Cursor cursor_;
  const int16_t version_;
  const bool flexible_;
};

}  // namespace

FrameVerdict WalkProduce(std::span<const std::byte> frame) {
  Cursor cursor(frame);
  const int16_t key = cursor.Int16();
  const int16_t version = cursor.Int16();
  if (!cursor.ok() || key != kProduceKey) return FrameVerdict::Unchecked;
  if (version < kVersionMin || version > kVersionMax) return FrameVerdict::Failed;
  return ProduceWalk(cursor, version).Verified() ? FrameVerdict::Verified : FrameVerdict::Failed;
}

}  // namespace millrace
