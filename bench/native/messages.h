#pragma once

#include <map>
#include <string>
#include <vector>

#include "wire.h"

namespace millrace::bench {

// The six requests a load needs, each in one version that Kafka 2.4 to 4.x, Millrace and `ideal` all serve:
// Produce v9, Fetch v12, ListOffsets v2, Metadata v4, CreateTopics v4, CreatePartitions v0.

enum class ApiKey : int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kCreateTopics = 19,
  kCreatePartitions = 37,
};

inline constexpr int64_t kLatestTimestamp = -1;
inline constexpr int64_t kEarliestTimestamp = -2;
inline constexpr int16_t kUnknownTopicOrPartition = 3;
inline constexpr int16_t kNotLeaderOrFollower = 6;
inline constexpr int16_t kTopicAlreadyExists = 36;
inline constexpr int16_t kInvalidPartitions = 37;

struct TopicSpec {
  std::string name;
  int32_t partitions = 1;
  std::map<std::string, std::string> configs;
};

struct PartitionOffset {
  int32_t partition;
  int64_t offset;
};

struct ProduceTarget {
  std::string_view topic;
  int32_t partition;
  int16_t acks;
  int32_t correlation;
};

struct FetchLimits {
  int32_t max_wait_ms;
  int32_t min_bytes;
  // Of one partition; the whole answer may hold as much for each.
  int32_t max_bytes;
};

// Each appends one whole frame.
void EncodeCreateTopic(WireWriter& out, const TopicSpec& topic, int32_t timeout_ms);
// Makes the partitions of an existing topic as many as `topic` says.
void EncodeCreatePartitions(WireWriter& out, const TopicSpec& topic, int32_t timeout_ms);
void EncodeMetadata(WireWriter& out, std::string_view topic);
void EncodeListOffsets(WireWriter& out, const TopicSpec& topic, int64_t timestamp);
void EncodeProduce(WireWriter& out, const ProduceTarget& target, Bytes batch);
void EncodeFetch(WireWriter& out, std::string_view topic, std::span<const PartitionOffset> partitions,
                 const FetchLimits& limits);

struct ProduceAck {
  int32_t correlation;
  int32_t partition;
  int16_t error;
  int64_t base_offset;
};
// False when the frame is not the answer to a request of one partition.
bool ParseProduceResponse(Bytes frame, ProduceAck* ack);

struct FetchedPartition {
  int32_t partition;
  int16_t error;
  int64_t high_watermark;
  // Where the records stand in the frame; their bytes need not all be there when only the head was read.
  size_t records_position;
  size_t records_length;
};

// Walks the partitions of one Fetch response of one topic.
class FetchResponseReader {
 public:
  explicit FetchResponseReader(Bytes frame);
  // The error of the request as a whole.
  int16_t error() const { return error_; }
  bool ok() const { return reader_.ok(); }
  bool Next(FetchedPartition* out);

 private:
  WireReader reader_;
  int16_t error_ = 0;
  int64_t partitions_left_ = 0;
  size_t records_left_ = 0;
  bool inside_partition_ = false;
};

// Of CreateTopics and CreatePartitions: 0, or the error of the one topic.
int16_t ParseTopicResponse(Bytes frame);
// How many partitions have a leader; the answer is for one topic.
int32_t ParseMetadataResponse(Bytes frame);
// 0, or the first error found.
int16_t ParseListOffsetsResponse(Bytes frame, std::vector<PartitionOffset>* offsets);

}  // namespace millrace::bench
