// Goal: blocks never overlap, the budget holds, freed memory can be had again in every size.
#include "net/slab.h"

#include <cstring>
#include <random>
#include <thread>

#include "check.h"

using namespace millrace;

namespace {

struct Held {
  BlockRef ref;
  size_t bytes;
  unsigned char mark;
};

void Fill(const Held& held) { std::memset(held.ref->data(), held.mark, held.bytes); }

bool Intact(const Held& held) {
  const auto* data = reinterpret_cast<const unsigned char*>(held.ref->data());
  return data[0] == held.mark && data[held.bytes / 2] == held.mark && data[held.bytes - 1] == held.mark;
}

void Churn(Slab& slab, uint32_t seed, int rounds, size_t bytes_max) {
  std::mt19937 random(seed);
  std::vector<Held> held;
  for (int i = 0; i < rounds; i++) {
    if (held.size() > 20 || (random() % 2 == 0 && !held.empty())) {
      const size_t victim = random() % held.size();
      CHECK(Intact(held[victim]));
      held.erase(held.begin() + static_cast<ptrdiff_t>(victim));
      continue;
    }
    const size_t bytes = 1 + random() % (random() % 8 == 0 ? bytes_max : 60'000);
    BlockRef block = slab.Allocate(bytes);
    if (!block) continue;
    CHECK(block->capacity() >= bytes);
    held.push_back({std::move(block), bytes, static_cast<unsigned char>(random())});
    Fill(held.back());
  }
  for (const Held& one : held) CHECK(Intact(one));
}

}  // namespace

TEST(RandomUseKeepsBlocksApart) {
  auto slab = Slab::Create(64 << 20, 4 << 20);
  for (uint32_t seed = 1; seed <= 5; seed++) Churn(*slab, seed, 3000, 4 << 20);
  CHECK_EQ(slab->used_bytes(), size_t{0});
}

TEST(ThreadsShareIt) {
  auto slab = Slab::Create(32 << 20, 2 << 20);
  std::vector<std::thread> threads;
  for (uint32_t seed = 1; seed <= 3; seed++) threads.emplace_back([&, seed] { Churn(*slab, seed, 1500, 2 << 20); });
  for (auto& thread : threads) thread.join();
  CHECK_EQ(slab->used_bytes(), size_t{0});
}

TEST(BudgetHoldsAndLargestBlockComesBack) {
  auto slab = Slab::Create(8 << 20, 4 << 20);
  std::vector<BlockRef> small;
  for (;;) {
    BlockRef block = slab->Allocate(16 * 1024);
    if (!block) break;
    small.push_back(std::move(block));
  }
  CHECK_EQ(small.size(), size_t{512});
  CHECK_EQ(slab->used_bytes(), size_t{8 << 20});
  int told = 0;
  slab->OnAvailable([&] { told++; });
  small.clear();
  CHECK_EQ(told, 1);
  BlockRef first = slab->Allocate(4 << 20);
  BlockRef second = slab->Allocate(4 << 20);
  CHECK(first && second);
  CHECK(!slab->Allocate(1));
}

TEST(ReserveIsThereWhenNothingElseIs) {
  auto slab = Slab::Create(8 << 20, 4 << 20);
  std::vector<BlockRef> held;
  while (BlockRef block = slab->Allocate(1 << 20)) held.push_back(std::move(block));
  int told = 0;
  slab->OnAvailable([&] { told++; });
  held.push_back(slab->AllocateReserve());
  REQUIRE(held.back());
  CHECK_EQ(held.back()->capacity(), size_t{4 << 20});
  CHECK_EQ(slab->used_bytes(), size_t{12 << 20});
  std::vector<Held> marked;
  for (BlockRef& block : held) {
    const size_t bytes = block->capacity();
    marked.push_back({std::move(block), bytes, static_cast<unsigned char>(marked.size() + 1)});
    Fill(marked.back());
  }
  for (const Held& one : marked) CHECK(Intact(one));
  CHECK(!slab->AllocateReserve());
  marked.pop_back();
  CHECK_EQ(told, 1);
  CHECK(slab->AllocateReserve());
  // A reserve that came back serves nobody's ordinary wish.
  CHECK(!slab->Allocate(1));
  marked.clear();
  CHECK_EQ(slab->used_bytes(), size_t{0});
}

TEST(HandlesNameHeldBlocksOnly) {
  auto slab = Slab::Create(8 << 20, 1 << 20);
  BlockRef block = slab->Allocate(100);
  const uint32_t index = block->index();
  CHECK(slab->FindUsed(index) == block.get());
  BlockRef share = block.Share();
  block.Reset();
  CHECK(slab->FindUsed(index) != nullptr);
  share.Reset();
  CHECK(slab->FindUsed(index) == nullptr);
  CHECK(slab->FindUsed(UINT32_MAX) == nullptr);
}

CHECK_MAIN()
