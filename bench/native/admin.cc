#include "admin.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "fatal.h"

namespace millrace::bench {
namespace {

constexpr int32_t kCreateTimeoutMs = 30'000;
// Kafka refuses a metadata operation of more than 10,000 records.
constexpr int32_t kPartitionsPerRequestMax = 5'000;
constexpr int kLeaderAttempts = 3'000;
constexpr useconds_t kLeaderPauseUs = 10'000;
constexpr int32_t kResponseBytesMax = 64 << 20;

void ReceiveAll(int fd, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t n = Must("recv", ::recv(fd, into.data(), into.size(), 0));
    if (n == 0) Fail("the broker closed the connection");
    into = into.subspan(static_cast<size_t>(n));
  }
}

}  // namespace

void Admin::EnsureTopic(const TopicSpec& topic) {
  TopicSpec part = topic;
  part.partitions = std::min(topic.partitions, kPartitionsPerRequestMax);
  WireWriter request;
  EncodeCreateTopic(request, part, kCreateTimeoutMs);
  const int16_t error = ParseTopicResponse(Call(request));
  if (error != 0 && error != kTopicAlreadyExists) Fail("CreateTopics: error " + std::to_string(error));
  while (part.partitions < topic.partitions) {
    part.partitions = std::min(topic.partitions, part.partitions + kPartitionsPerRequestMax);
    AddPartitions(part);
  }
  request.Clear();
  EncodeMetadata(request, topic.name);
  for (int attempt = 0; ParseMetadataResponse(Call(request)) < topic.partitions; ++attempt) {
    if (attempt == kLeaderAttempts) Fail("the partitions got no leader");
    ::usleep(kLeaderPauseUs);
  }
}

void Admin::AddPartitions(const TopicSpec& topic) {
  WireWriter request;
  EncodeCreatePartitions(request, topic, kCreateTimeoutMs);
  const int16_t error = ParseTopicResponse(Call(request));
  // The topic has them already.
  if (error != 0 && error != kInvalidPartitions) Fail("CreatePartitions: error " + std::to_string(error));
}

std::vector<int64_t> Admin::Offsets(const TopicSpec& topic, int64_t timestamp) {
  WireWriter request;
  EncodeListOffsets(request, topic, timestamp);
  std::vector<PartitionOffset> answer;
  // Metadata may name a leader a moment before that leader knows itself.
  for (int attempt = 0;; ++attempt) {
    const int16_t error = ParseListOffsetsResponse(Call(request), &answer);
    if (error == 0) break;
    const bool starting = error == kNotLeaderOrFollower || error == kUnknownTopicOrPartition;
    if (!starting || attempt == kLeaderAttempts) Fail("ListOffsets: error " + std::to_string(error));
    ::usleep(kLeaderPauseUs);
  }
  std::vector<int64_t> offsets(static_cast<size_t>(topic.partitions), -1);
  for (const auto& [partition, offset] : answer) offsets.at(static_cast<size_t>(partition)) = offset;
  return offsets;
}

Bytes Admin::Call(const WireWriter& request) {
  Bytes rest = request.bytes();
  while (!rest.empty()) {
    const ssize_t n = Must("send", ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL));
    rest = rest.subspan(static_cast<size_t>(n));
  }
  std::byte prefix[4];
  ReceiveAll(socket_.get(), prefix);
  const int32_t size = LoadInt32(prefix);
  if (size < 0 || size > kResponseBytesMax) Fail("a response of " + std::to_string(size) + " bytes");
  response_.resize(static_cast<size_t>(size));
  ReceiveAll(socket_.get(), response_);
  return response_;
}

int64_t Sum(const std::vector<int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), int64_t{0});
}

}  // namespace millrace::bench
