// Goal: whole Produce requests are Verified in every version, anything else is Failed, and hostile bytes never
// make the walk read outside the frame (the address sanitizer watches exact-size copies).
#include "codec/produce_walk.h"

#include <memory>
#include <random>

#include "base/byte_order.h"
#include "check.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;

Bytes FromHex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

const Bytes kBatch = FromHex(
    "0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805"
    "ffffffffffffffffffffffffffff0000000218000000026b027602026802780c000a02010100");

class Builder {
 public:
  explicit Builder(int16_t version) : version_(version), flexible_(version >= 9) {}

  Builder& Int16(int16_t v) {
    bytes.resize(bytes.size() + 2);
    StoreInt16(bytes.data() + bytes.size() - 2, v);
    return *this;
  }
  Builder& Int32(int32_t v) {
    bytes.resize(bytes.size() + 4);
    StoreInt32(bytes.data() + bytes.size() - 4, v);
    return *this;
  }
  Builder& Uvarint(uint32_t v) {
    for (; v >= 0x80; v >>= 7) bytes.push_back(static_cast<std::byte>(v | 0x80));
    bytes.push_back(static_cast<std::byte>(v));
    return *this;
  }
  Builder& Raw(const Bytes& raw) {
    bytes.insert(bytes.end(), raw.begin(), raw.end());
    return *this;
  }
  Builder& Count(uint32_t count) { return flexible_ ? Uvarint(count + 1) : Int32(static_cast<int32_t>(count)); }
  Builder& Records(const Bytes& raw) { return Count(static_cast<uint32_t>(raw.size())).Raw(raw); }
  Builder& Text(const Bytes& raw) {
    return flexible_ ? Records(raw) : Int16(static_cast<int16_t>(raw.size())).Raw(raw);
  }
  Builder& Tags(bool some = false) {
    if (!flexible_) return *this;
    return some ? Uvarint(1).Uvarint(7).Uvarint(3).Raw(Bytes(3)) : Uvarint(0);
  }

  Bytes bytes;

 private:
  const int16_t version_;
  const bool flexible_;
};

Bytes Request(int16_t version, const std::vector<std::vector<Bytes>>& topics, bool tags = false) {
  Builder builder(version);
  builder.Int16(0).Int16(version).Int32(5).Int16(3).Raw(FromHex("616263")).Tags(tags);
  if (version >= 9) {
    builder.Uvarint(0);
  } else {
    builder.Int16(-1);
  }
  builder.Int16(-1).Int32(1000).Count(static_cast<uint32_t>(topics.size()));
  for (const auto& partitions : topics) {
    if (version >= 13) {
      builder.Raw(Bytes(16));
    } else {
      builder.Text(FromHex("746f706963"));
    }
    builder.Count(static_cast<uint32_t>(partitions.size()));
    for (const Bytes& records : partitions) builder.Int32(0).Records(records).Tags(tags);
    builder.Tags(tags);
  }
  return builder.Tags(tags).bytes;
}

// An allocation of exactly the frame, so that one byte too far is an error.
FrameVerdict Walk(const Bytes& frame) {
  const auto exact = std::make_unique<std::byte[]>(frame.size());
  std::copy(frame.begin(), frame.end(), exact.get());
  return WalkProduce({exact.get(), frame.size()});
}

}  // namespace

TEST(EveryVersionIsVerified) {
  for (int16_t version = 3; version <= 13; version++) {
    for (const bool tags : {false, true}) {
      CHECK(Walk(Request(version, {{kBatch}}, tags)) == FrameVerdict::Verified);
      CHECK(Walk(Request(version, {{kBatch, kBatch}, {kBatch}}, tags)) == FrameVerdict::Verified);
      CHECK(Walk(Request(version, {}, tags)) == FrameVerdict::Verified);
    }
  }
}

TEST(OneBadBatchFailsTheFrame) {
  Bytes damaged = kBatch;
  damaged.back() ^= std::byte{1};
  Bytes twice = kBatch;
  twice.insert(twice.end(), kBatch.begin(), kBatch.end());
  Bytes old = kBatch;
  old[16] = std::byte{1};
  for (int16_t version = 3; version <= 13; version++) {
    for (const Bytes& bad : {damaged, twice, old, Bytes(kBatch.begin(), kBatch.end() - 1), Bytes()}) {
      CHECK(Walk(Request(version, {{kBatch}, {kBatch, bad}})) == FrameVerdict::Failed);
    }
  }
}

TEST(CutAndOverlongFramesFail) {
  for (const int16_t version : {3, 8, 9, 12, 13}) {
    const Bytes whole = Request(version, {{kBatch}, {kBatch}}, true);
    for (size_t length = 4; length < whole.size(); length++) {
      CHECK(Walk(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length))) == FrameVerdict::Failed);
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    CHECK(Walk(longer) == FrameVerdict::Failed);
  }
}

TEST(OtherRequestsAreUnchecked) {
  CHECK(Walk(FromHex("0012000300000001ffff")) == FrameVerdict::Unchecked);
  CHECK(Walk(FromHex("")) == FrameVerdict::Unchecked);
  CHECK(Walk(FromHex("0000000200000001")) == FrameVerdict::Failed);
  CHECK(Walk(FromHex("0000000e00000001")) == FrameVerdict::Failed);
}

TEST(MutationsNeverReadOutside) {
  std::mt19937 random(20240521);
  int verified = 0;
  for (int i = 0; i < 60'000; i++) {
    const auto version = static_cast<int16_t>(3 + random() % 11);
    Bytes frame = Request(version, {{kBatch, kBatch}, {kBatch}}, random() % 2 == 0);
    for (uint32_t changes = 1 + random() % 4; changes > 0; changes--) {
      const size_t at = 4 + random() % (frame.size() - 4);
      const uint32_t kind = random() % 4;
      if (kind == 0) frame[at] = static_cast<std::byte>(random());
      if (kind == 1) frame[at] = std::byte{0xff};
      if (kind == 2) frame.erase(frame.begin() + static_cast<ptrdiff_t>(at));
      if (kind == 3) frame.insert(frame.begin() + static_cast<ptrdiff_t>(at), static_cast<std::byte>(random()));
    }
    verified += Walk(frame) == FrameVerdict::Verified;
  }
  // Names, offsets and epochs lie outside the sum, so some changes are harmless; most are not.
  CHECK(verified < 30'000);
}

CHECK_MAIN()
