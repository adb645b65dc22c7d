// Goal: every way a byte stream can be split yields the same frames, and memory follows what really arrived.
// Method: feed a framer by hand, as a reactor does, and compare whole frames.
#include "net/framer.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "base/byte_order.h"
#include "check.h"

using namespace millrace;

namespace {

using Bytes = std::vector<std::byte>;

Bytes Stream(const std::vector<size_t>& lengths) {
  Bytes stream;
  uint8_t value = 1;
  for (const size_t length : lengths) {
    const size_t at = stream.size();
    stream.resize(at + 4 + length);
    StoreInt32(stream.data() + at, static_cast<int32_t>(length));
    for (size_t i = 0; i < length; i++) stream[at + 4 + i] = static_cast<std::byte>(value += 7);
  }
  return stream;
}

// One connection on a chunk of its own; keeps what was handed out alive until asked to drop it.
struct Fixture {
  explicit Fixture(size_t budget = 64 << 20, size_t frame_max = 8 << 20)
      : slab(Slab::Create(budget, Framer::BlockBytesMax(frame_max))), chunk(*slab), framer(chunk, frame_max) {}

  // Feeds as much as fits the room, at most `limit` bytes; false when the slab has none.
  bool Feed(std::span<const std::byte>& rest, size_t limit) {
    const auto room = framer.Room();
    if (room.empty()) return false;
    const size_t step = std::min({rest.size(), limit, room.size()});
    std::memcpy(room.data(), rest.data(), step);
    rest = rest.subspan(step);
    framer.Received(step);
    return true;
  }
  Framer::Step Cut() {
    for (;;) {
      Framer::Frame frame;
      const Framer::Step step = framer.Next(frame);
      if (step != Framer::Step::kFrame) {
        if (step == Framer::Step::kMore) settled = framer.Settle();
        return step;
      }
      frame.block->Ref();
      held.emplace_back(frame.block);
      frames.push_back({frame.block->data() + frame.offset, frame.length});
    }
  }
  // All handed-out frames, in the form Stream takes them.
  Bytes Joined() const {
    Bytes joined;
    for (const auto frame : frames) {
      const size_t at = joined.size();
      joined.resize(at + 4);
      StoreInt32(joined.data() + at, static_cast<int32_t>(frame.size()));
      joined.insert(joined.end(), frame.begin(), frame.end());
    }
    return joined;
  }

  std::unique_ptr<Slab> slab;
  ReceiveChunk chunk;
  Framer framer;
  bool settled = true;
  std::vector<BlockRef> held;
  std::vector<std::span<const std::byte>> frames;
};

}  // namespace

TEST(EveryPairOfSplitsYieldsTheSameFrames) {
  const Bytes stream = Stream({8, 9, 31, 8, 64, 12});
  for (size_t first = 0; first <= stream.size(); first++) {
    for (size_t second = first; second <= stream.size(); second += 3) {
      Fixture fixture;
      for (const auto& [from, to] : {std::pair{size_t{0}, first}, {first, second}, {second, stream.size()}}) {
        auto piece = std::span(stream).subspan(from, to - from);
        while (!piece.empty()) {
          REQUIRE(fixture.Feed(piece, piece.size()));
          CHECK(fixture.Cut() == Framer::Step::kMore);
        }
      }
      CHECK(fixture.Joined() == stream);
      CHECK_EQ(fixture.framer.pending(), size_t{0});
    }
  }
}

TEST(RandomSizesAndPiecesYieldTheSameFrames) {
  for (uint32_t seed = 1; seed <= 60; seed++) {
    std::mt19937 random(seed);
    std::vector<size_t> lengths;
    for (int i = 0; i < 30; i++) {
      const int kind = static_cast<int>(random() % 10);
      lengths.push_back(8 + random() % (kind < 6 ? 300 : kind < 9 ? 70'000 : 1'500'000));
    }
    const Bytes stream = Stream(lengths);
    Fixture fixture(256 << 20);
    std::span<const std::byte> rest = stream;
    while (!rest.empty()) {
      REQUIRE(fixture.Feed(rest, 1 + random() % (seed % 2 == 0 ? 400'000 : 20'000)));
      CHECK(fixture.Cut() == Framer::Step::kMore);
      CHECK(fixture.settled);
    }
    CHECK(fixture.Joined() == stream);
  }
}

TEST(IdleConnectionHoldsNoBlock) {
  Fixture fixture;
  const Bytes stream = Stream({5000});
  std::span<const std::byte> rest = stream;
  while (!rest.empty()) {
    REQUIRE(fixture.Feed(rest, 1000));
    fixture.Cut();
  }
  fixture.frames.clear();
  fixture.held.clear();
  CHECK_EQ(fixture.slab->used_bytes(), ReceiveChunk::kChunkBytes);  // The reactor's chunk.
}

TEST(PrefixAloneReservesLittle) {
  Fixture fixture(512 << 20, 100 << 20);
  Bytes stream = Stream({100 << 20});
  std::span<const std::byte> rest = std::span(stream).first(100);
  REQUIRE(fixture.Feed(rest, 100));
  CHECK(fixture.Cut() == Framer::Step::kMore);
  CHECK(fixture.slab->used_bytes() <= ReceiveChunk::kChunkBytes + (1 << 20));
  rest = std::span<const std::byte>(stream).subspan(100);
  while (!rest.empty()) {
    const size_t received = stream.size() - rest.size();
    REQUIRE(fixture.Feed(rest, 1 << 20));
    fixture.Cut();
    // Growth doubles through two blocks at most, each a power of two.
    CHECK(fixture.slab->used_bytes() <= ReceiveChunk::kChunkBytes + (2 << 20) + 8 * (received + (1 << 20)));
  }
  CHECK(fixture.Joined() == stream);
}

TEST(SizesOutsideTheLimitsAreRefused) {
  for (const int32_t size : {-1, 0, 7, (8 << 20) + 1, INT32_MAX, INT32_MIN}) {
    Fixture fixture;
    Bytes bytes = Stream({20});
    bytes.resize(bytes.size() + 4);
    StoreInt32(bytes.data() + 24, size);
    std::span<const std::byte> rest = bytes;
    REQUIRE(fixture.Feed(rest, bytes.size()));
    CHECK(fixture.Cut() == Framer::Step::kBadSize);
    CHECK_EQ(fixture.frames.size(), size_t{1});
  }
}

TEST(SlabUsedUpStopsAndComesBack) {
  Fixture fixture(0, 200'000);  // Budget of two 256 KB blocks.
  BlockRef other = fixture.slab->Allocate(256 * 1024);
  BlockRef reserve = fixture.slab->AllocateReserve();
  const Bytes stream = Stream({100'000, 150'000, 50'000});
  std::span<const std::byte> rest = stream;
  while (!rest.empty() && fixture.settled) {
    REQUIRE(fixture.Feed(rest, 30'000));
    fixture.Cut();
  }
  CHECK(!fixture.settled);
  CHECK(fixture.framer.Room().empty());
  bool told = false;
  fixture.slab->OnAvailable([&] { told = true; });
  other.Reset();
  CHECK(told);
  while (!rest.empty()) {
    if (fixture.Feed(rest, 30'000)) {
      fixture.Cut();
      continue;
    }
    // What was handed out already is compared and given back, as the script would.
    CHECK(fixture.Joined() == Bytes(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(fixture.Joined().size())));
    REQUIRE(!fixture.held.empty());
    fixture.held.clear();
    break;
  }
  CHECK(fixture.framer.Room().size() > 0);
}

// Each waits for memory that only the end of another's frame frees; somebody can always go on.
TEST(FramersThatUseTheSlabUpFinishInTurn) {
  constexpr size_t kFrameMax = 200'000;
  for (uint32_t seed = 1; seed <= 40; seed++) {
    std::mt19937 random(seed);
    auto slab = Slab::Create(0, Framer::BlockBytesMax(kFrameMax));
    ReceiveChunk chunk(*slab);
    std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
    std::vector<std::unique_ptr<Framer>> framers;
    std::vector<Bytes> streams;
    std::vector<std::span<const std::byte>> rests;
    for (size_t i = 0; i < order.size(); i++) {
      framers.push_back(std::make_unique<Framer>(chunk, kFrameMax));
      streams.push_back(Stream({8 + random() % kFrameMax / 2, 8 + random() % kFrameMax / 2, kFrameMax}));
    }
    for (const Bytes& stream : streams) rests.emplace_back(stream);
    size_t frames = 0;
    for (bool moved = true; std::exchange(moved, false);) {
      std::shuffle(order.begin(), order.end(), random);
      for (const size_t who : order) {
        const auto room = framers[who]->Room();
        const size_t step = std::min({rests[who].size(), size_t{1} + random() % 80'000, room.size()});
        if (step == 0) continue;
        std::memcpy(room.data(), rests[who].data(), step);
        rests[who] = rests[who].subspan(step);
        framers[who]->Received(step);
        Framer::Frame frame;
        while (framers[who]->Next(frame) == Framer::Step::kFrame) frames++;
        (void)framers[who]->Settle();
        moved = true;
      }
    }
    CHECK_EQ(frames, 3 * framers.size());
  }
}

TEST(ReserveCarriesOneFrameAndComesBack) {
  Fixture fixture(0, 200'000);
  BlockRef other = fixture.slab->Allocate(256 * 1024);
  const Bytes stream = Stream({190'000, 190'000, 190'000});
  std::span<const std::byte> rest = stream;
  for (const size_t frames : {1, 2, 3}) {
    while (fixture.frames.size() < frames) {
      REQUIRE(fixture.Feed(rest, 30'000));
      fixture.Cut();
      REQUIRE(fixture.settled);
    }
    fixture.held.clear();
    if (frames == 1) {
      // The chunk held the first; the second begins in it and needs memory of its own.
      CHECK_EQ(fixture.slab->used_bytes(), size_t{512 * 1024});
    }
  }
  CHECK(rest.empty());
  CHECK(fixture.slab->AllocateReserve());
}

CHECK_MAIN()
