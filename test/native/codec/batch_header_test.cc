// Goal: the header parser reads Kafka's layout, and no input makes it read past its bytes.

#include "codec/batch_header.h"

#include <random>
#include <string_view>
#include <vector>

#include "base/byte_order.h"
#include "check.h"

using namespace millrace;

namespace {

// Two records written by Kafka: k to v with a header, then nulls five milliseconds later.
constexpr std::string_view kVector =
    "0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805ffffffffffffffff"
    "ffffffffffff0000000218000000026b027602026802780c000a02010100";
constexpr std::string_view kCommitMarker =
    "000000000000002a000000420000000002e909c2600030000000000000018bcfe568000000018bcfe568000000000000000fa0"
    "0003ffffffff000000012000000008000000010c00000000000500";

std::vector<std::byte> FromHex(std::string_view hex) {
  std::vector<std::byte> bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

int Code(Inspection i) { return static_cast<int>(i); }

}  // namespace

TEST(reads_the_vector) {
  const auto bytes = FromHex(kVector);
  const auto header = ParseBatchHeader(bytes);
  REQUIRE(header.has_value());
  CHECK_EQ(header->size, static_cast<int64_t>(bytes.size()));
  CHECK_EQ(header->base_offset, 0);
  CHECK_EQ(header->leader_epoch, 0);
  CHECK_EQ(header->last_offset(), 1);
  CHECK_EQ(header->base_timestamp, 1700000000000);
  CHECK_EQ(header->max_timestamp, 1700000000005);
  CHECK_EQ(header->producer_id, -1);
  CHECK_EQ(header->producer_epoch, -1);
  CHECK_EQ(header->base_sequence, -1);
  CHECK_EQ(header->record_count, 2);
  CHECK(!header->compressed());
  const auto marker = ParseBatchHeader(FromHex(kCommitMarker));
  REQUIRE(marker.has_value());
  CHECK_EQ(marker->base_offset, 42);
  CHECK_EQ(marker->attributes, 0x30);
  CHECK_EQ(marker->producer_id, 4000);
}

TEST(inspects) {
  auto bytes = FromHex(kVector);
  CHECK_EQ(Code(Inspect(bytes)), Code(Inspection::Valid));
  CHECK_EQ(Code(Inspect(FromHex(kCommitMarker))), Code(Inspection::Valid));
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    CHECK_EQ(Code(Inspect(std::span(bytes).first(cut))), Code(Inspection::Truncated));
  }
  auto longer = bytes;
  longer.push_back(std::byte{0});
  CHECK_EQ(Code(Inspect(longer)), Code(Inspection::TrailingBytes));
  // Offsets and leader epoch may be restamped; everything from the attributes on is covered by the sum.
  auto stamped = bytes;
  StoreInt64(stamped.data(), 1234);
  StoreInt32(stamped.data() + 12, 7);
  CHECK_EQ(Code(Inspect(stamped)), Code(Inspection::Valid));
  for (size_t at = kBatchCrcStart; at < bytes.size(); ++at) {
    auto bad = bytes;
    bad[at] ^= std::byte{1};
    CHECK_EQ(Code(Inspect(bad)), Code(Inspection::BadCrc));
  }
  auto magic = bytes;
  magic[16] = std::byte{1};
  CHECK_EQ(Code(Inspect(magic)), Code(Inspection::BadMagic));
  for (const int32_t length : {-1, 0, 48, INT32_MAX, INT32_MIN}) {
    auto bad = bytes;
    StoreInt32(bad.data() + 8, length);
    CHECK_EQ(Code(Inspect(bad)), Code(Inspection::Truncated));
  }
}

TEST(extents_of_every_magic) {
  const auto bytes = FromHex(kVector);
  const auto extent = ParseBatchExtent(bytes);
  REQUIRE(extent.has_value());
  CHECK_EQ(extent->size, static_cast<int64_t>(bytes.size()));
  CHECK_EQ(extent->last_offset, 1);
  CHECK_EQ(extent->max_timestamp, 1700000000005);
  auto negative = bytes;
  StoreInt32(negative.data() + 23, -1);
  CHECK(!ParseBatchExtent(negative).has_value());
  // Magic 1, offset 9, key null, value "v": sizes count from the sum on.
  std::vector<std::byte> old(12 + 23);
  StoreInt64(old.data(), 9);
  StoreInt32(old.data() + 8, 23);
  old[16] = std::byte{1};
  StoreInt64(old.data() + 18, 77);
  const auto legacy = ParseBatchExtent(old);
  REQUIRE(legacy.has_value());
  CHECK_EQ(legacy->size, 35);
  CHECK_EQ(legacy->last_offset, 9);
  CHECK_EQ(legacy->max_timestamp, 77);
}

TEST(random_bytes_are_refused_or_parsed_within_bounds) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    // Exactly sized on the heap, so that the address sanitizer sees any read past the end.
    std::vector<std::byte> bytes(random() % 80);
    for (auto& b : bytes) b = static_cast<std::byte>(random());
    if (bytes.size() > 16 && random() % 2 == 0) bytes[16] = static_cast<std::byte>(random() % 4);
    (void)ParseBatchHeader(bytes);
    (void)ParseBatchExtent(bytes);
    (void)ChecksumMatches(bytes);
    CHECK(Inspect(bytes) != Inspection::Valid);
  }
}

CHECK_MAIN()
