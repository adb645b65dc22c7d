#pragma once

#include <vector>

#include "messages.h"
#include "sockets.h"

namespace millrace::bench {

// One blocking connection for what surrounds a load: making the topic and asking for offsets. Any failure ends
// the program.
class Admin {
 public:
  explicit Admin(const Address& address) : socket_(Connect(address)) {}

  // Creates the topic unless it exists, and returns once every partition has a leader.
  void EnsureTopic(const TopicSpec& topic);
  // Offset by partition, for kLatestTimestamp or kEarliestTimestamp.
  std::vector<int64_t> Offsets(const TopicSpec& topic, int64_t timestamp);

 private:
  void AddPartitions(const TopicSpec& topic);
  Bytes Call(const WireWriter& request);

  UniqueFd socket_;
  std::vector<std::byte> response_;
};

int64_t Sum(const std::vector<int64_t>& values);

}  // namespace millrace::bench
