// Goal: replies leave in frame order whatever order they come in, each once.
#include "net/reply_order.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "check.h"

using namespace millrace;

namespace {

// Gives a reply as a connection does; appends the sequences that leave.
void Give(ReplyOrder& order, int32_t sequence, std::vector<int32_t>& left) {
  switch (order.PlaceOf(sequence)) {
    case ReplyOrder::Place::kStale:
      return;
    case ReplyOrder::Place::kLater: {
      ParkedReply reply;
      reply.bytes.push_back(static_cast<std::byte>(sequence));
      return order.Park(sequence, std::move(reply));
    }
    case ReplyOrder::Place::kNow:
      left.push_back(sequence);
      order.Advance();
      while (auto parked = order.TakeNext()) {
        CHECK(parked->bytes.front() == static_cast<std::byte>(order.next()));
        left.push_back(order.next());
        order.Advance();
      }
  }
}

}  // namespace

TEST(EveryPermutationLeavesInOrder) {
  std::vector<int32_t> arrival(6);
  std::iota(arrival.begin(), arrival.end(), 0);
  do {
    ReplyOrder order;
    for (size_t i = 0; i < arrival.size(); i++) order.Received();
    std::vector<int32_t> left;
    for (const int32_t sequence : arrival) Give(order, sequence, left);
    CHECK(std::is_sorted(left.begin(), left.end()));
    CHECK_EQ(left.size(), arrival.size());
    CHECK_EQ(order.in_flight(), 0);
  } while (std::next_permutation(arrival.begin(), arrival.end()));
}

TEST(WindowsOverlapAndDuplicatesAreStale) {
  std::mt19937 random(7);
  ReplyOrder order;
  std::vector<int32_t> left;
  std::vector<int32_t> open;
  for (int i = 0; i < 20'000; i++) {
    if (open.size() < 40 && random() % 2 == 0) {
      open.push_back(order.Received());
    } else if (!open.empty()) {
      const size_t index = random() % open.size();
      Give(order, open[index], left);
      Give(order, open[index], left);
      open.erase(open.begin() + static_cast<ptrdiff_t>(index));
    }
  }
  std::vector<int32_t> expected(left.size());
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(left == expected);
}

TEST(UnknownSequencesAreStale) {
  ReplyOrder order;
  CHECK(order.PlaceOf(0) == ReplyOrder::Place::kStale);
  order.Received();
  CHECK(order.PlaceOf(0) == ReplyOrder::Place::kNow);
  CHECK(order.PlaceOf(1) == ReplyOrder::Place::kStale);
  CHECK(order.PlaceOf(-1) == ReplyOrder::Place::kStale);
}

CHECK_MAIN()
