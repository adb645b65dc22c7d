#include "messages.h"

#include "fatal.h"

namespace millrace::bench {
namespace {

constexpr std::string_view kClientId = "load";
constexpr int32_t kProduceTimeoutMs = 30'000;

void BeginRequest(WireWriter& out, ApiKey key, int16_t version, int32_t correlation) {
  out.BeginFrame();
  out.Int16(static_cast<int16_t>(key));
  out.Int16(version);
  out.Int32(correlation);
  out.String(kClientId);
}

}  // namespace

void EncodeCreateTopic(WireWriter& out, const TopicSpec& topic, int32_t timeout_ms) {
  BeginRequest(out, ApiKey::kCreateTopics, 4, 0);
  out.Int32(1);
  out.String(topic.name);
  out.Int32(topic.partitions);
  out.Int16(1);
  out.Int32(0);
  out.Int32(static_cast<int32_t>(topic.configs.size()));
  for (const auto& [name, value] : topic.configs) {
    out.String(name);
    out.String(value);
  }
  out.Int32(timeout_ms);
  out.Int8(0);
  out.EndFrame();
}

void EncodeCreatePartitions(WireWriter& out, const TopicSpec& topic, int32_t timeout_ms) {
  BeginRequest(out, ApiKey::kCreatePartitions, 0, 0);
  out.Int32(1);
  out.String(topic.name);
  out.Int32(topic.partitions);
  out.Int32(-1);  // Assigned by the broker.
  out.Int32(timeout_ms);
  out.Int8(0);
  out.EndFrame();
}

void EncodeMetadata(WireWriter& out, std::string_view topic) {
  BeginRequest(out, ApiKey::kMetadata, 4, 0);
  out.Int32(1);
  out.String(topic);
  out.Int8(0);
  out.EndFrame();
}

void EncodeListOffsets(WireWriter& out, const TopicSpec& topic, int64_t timestamp) {
  BeginRequest(out, ApiKey::kListOffsets, 2, 0);
  out.Int32(-1);
  out.Int8(0);
  out.Int32(1);
  out.String(topic.name);
  out.Int32(topic.partitions);
  for (int32_t partition = 0; partition < topic.partitions; ++partition) {
    out.Int32(partition);
    out.Int64(timestamp);
  }
  out.EndFrame();
}

void EncodeProduce(WireWriter& out, const ProduceTarget& target, Bytes batch) {
  BeginRequest(out, ApiKey::kProduce, 9, target.correlation);
  out.NoTags();
  out.Uvarint(0);  // No transactional id.
  out.Int16(target.acks);
  out.Int32(kProduceTimeoutMs);
  out.CompactArray(1);
  out.CompactString(target.topic);
  out.CompactArray(1);
  out.Int32(target.partition);
  out.Uvarint(batch.size() + 1);
  out.Raw(batch);
  out.NoTags();
  out.NoTags();
  out.NoTags();
  out.EndFrame();
}

void EncodeFetch(WireWriter& out, std::string_view topic, std::span<const PartitionOffset> partitions,
                 const FetchLimits& limits) {
  BeginRequest(out, ApiKey::kFetch, 12, 0);
  out.NoTags();
  out.Int32(-1);
  out.Int32(limits.max_wait_ms);
  out.Int32(limits.min_bytes);
  out.Int32(limits.max_bytes * static_cast<int32_t>(partitions.size()));
  out.Int8(0);
  out.Int32(0);
  out.Int32(-1);
  out.CompactArray(1);
  out.CompactString(topic);
  out.CompactArray(partitions.size());
  for (const auto& [partition, offset] : partitions) {
    out.Int32(partition);
    out.Int32(-1);
    out.Int64(offset);
    out.Int32(-1);
    out.Int64(-1);
    out.Int32(limits.max_bytes);
    out.NoTags();
  }
  out.NoTags();
  out.CompactArray(0);
  out.CompactString("");
  out.NoTags();
  out.EndFrame();
}

bool ParseProduceResponse(Bytes frame, ProduceAck* ack) {
  WireReader in(frame);
  ack->correlation = in.Int32();
  in.SkipTags();
  if (in.CompactArray() != 1) return false;
  in.CompactString();
  if (in.CompactArray() != 1) return false;
  ack->partition = in.Int32();
  ack->error = in.Int16();
  ack->base_offset = in.Int64();
  return in.ok();
}

FetchResponseReader::FetchResponseReader(Bytes frame) : reader_(frame) {
  reader_.Int32();
  reader_.SkipTags();
  reader_.Int32();
  error_ = reader_.Int16();
  reader_.Int32();
  const int64_t topics = reader_.CompactArray();
  if (topics != 1) return;
  reader_.CompactString();
  partitions_left_ = reader_.CompactArray();
}

bool FetchResponseReader::Next(FetchedPartition* out) {
  if (partitions_left_ <= 0) return false;
  if (inside_partition_) {
    reader_.Skip(records_left_);
    reader_.SkipTags();
  }
  inside_partition_ = true;
  --partitions_left_;
  out->partition = reader_.Int32();
  out->error = reader_.Int16();
  out->high_watermark = reader_.Int64();
  reader_.Int64();
  reader_.Int64();
  for (int64_t aborted = reader_.CompactArray(); aborted > 0 && reader_.ok(); --aborted) {
    reader_.Skip(16);
    reader_.SkipTags();
  }
  reader_.Int32();
  const uint64_t length = reader_.Uvarint();
  out->records_length = length == 0 ? 0 : length - 1;
  out->records_position = reader_.position();
  records_left_ = out->records_length;
  return reader_.ok();
}

int16_t ParseTopicResponse(Bytes frame) {
  WireReader in(frame);
  in.Int32();
  in.Int32();
  if (in.Int32() != 1) Fail("the broker answered for another number of topics");
  in.String();
  const int16_t error = in.Int16();
  if (!in.ok()) Fail("an answer about a topic is too short");
  return error;
}

int32_t ParseMetadataResponse(Bytes frame) {
  WireReader in(frame);
  in.Int32();
  in.Int32();
  for (int32_t brokers = in.Int32(); brokers > 0 && in.ok(); --brokers) {
    in.Int32();
    in.String();
    in.Int32();
    in.String();
  }
  in.String();
  in.Int32();
  if (in.Int32() != 1) Fail("Metadata answered for another number of topics");
  const int16_t error = in.Int16();
  in.String();
  in.Int8();
  int32_t led = 0;
  for (int32_t partitions = in.Int32(); partitions > 0 && in.ok(); --partitions) {
    const int16_t partition_error = in.Int16();
    in.Int32();
    const int32_t leader = in.Int32();
    for (int list = 0; list < 2; ++list) {
      const int32_t replicas = in.Int32();
      in.Skip(replicas > 0 ? static_cast<uint64_t>(replicas) * 4 : 0);
    }
    if (partition_error == 0 && leader >= 0) ++led;
  }
  if (!in.ok()) Fail("Metadata response is too short");
  return error == 0 ? led : 0;
}

int16_t ParseListOffsetsResponse(Bytes frame, std::vector<PartitionOffset>* offsets) {
  WireReader in(frame);
  in.Int32();
  in.Int32();
  if (in.Int32() != 1) Fail("ListOffsets answered for another number of topics");
  in.String();
  offsets->clear();
  int16_t first_error = 0;
  for (int32_t partitions = in.Int32(); partitions > 0 && in.ok(); --partitions) {
    const int32_t partition = in.Int32();
    const int16_t error = in.Int16();
    in.Int64();
    offsets->push_back({partition, in.Int64()});
    if (first_error == 0) first_error = error;
  }
  if (!in.ok()) Fail("ListOffsets response is too short");
  return first_error;
}

}  // namespace millrace::bench
