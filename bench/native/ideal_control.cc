// The requests around a load, answered with as little as `load` reads of them.

#include "ideal_server.h"

namespace millrace::bench {

void IdealServer::CreateTopic(Client& client, WireReader& in, int32_t correlation) {
  in.Int32();
  const std::string name(in.String());
  const int32_t partitions = in.Int32();
  const bool exists = topics_.contains(name);
  if (!exists) {
    Topic& topic = topics_[name];
    topic.name = name;
    Extend(topic, partitions);
  }
  WireWriter& out = client.out;
  out.BeginFrame();
  out.Int32(correlation);
  out.Int32(0);
  out.Int32(1);
  out.String(name);
  out.Int16(exists ? kTopicAlreadyExists : int16_t{0});
  out.Int16(-1);
  out.EndFrame();
}

void IdealServer::CreatePartitions(Client& client, WireReader& in, int32_t correlation) {
  in.Int32();
  const std::string_view name = in.String();
  Topic* topic = FindTopic(name);
  if (topic != nullptr) Extend(*topic, in.Int32());
  WireWriter& out = client.out;
  out.BeginFrame();
  out.Int32(correlation);
  out.Int32(0);
  out.Int32(1);
  out.String(name);
  out.Int16(topic == nullptr ? kUnknownTopicOrPartition : int16_t{0});
  out.Int16(-1);
  out.EndFrame();
}

void IdealServer::Extend(Topic& topic, int32_t partitions) {
  for (auto i = static_cast<int32_t>(topic.partitions.size()); i < partitions; ++i) {
    const std::string path = settings_.directory + "/" + topic.name + "-" + std::to_string(i) + ".log";
    topic.partitions.push_back(std::make_unique<IdealLog>(path));
  }
}

void IdealServer::Metadata(Client& client, WireReader& in, int32_t correlation) {
  in.Int32();
  const std::string_view name = in.String();
  const Topic* topic = FindTopic(name);
  const auto partitions = static_cast<int32_t>(topic == nullptr ? 0 : topic->partitions.size());
  WireWriter& out = client.out;
  out.BeginFrame();
  out.Int32(correlation);
  out.Int32(0);
  out.Int32(1);
  out.Int32(1);
  out.String(settings_.address.host);
  out.Int32(port_);
  out.Int16(-1);
  out.Int16(-1);
  out.Int32(1);
  out.Int32(1);
  out.Int16(topic == nullptr ? kUnknownTopicOrPartition : int16_t{0});
  out.String(name);
  out.Int8(0);
  out.Int32(partitions);
  for (int32_t i = 0; i < partitions; ++i) {
    out.Int16(0);
    out.Int32(i);
    for (const int32_t word : {1, 1, 1, 1, 1}) out.Int32(word);
  }
  out.EndFrame();
}

void IdealServer::ListOffsets(Client& client, WireReader& in, int32_t correlation) {
  in.Skip(5);
  in.Int32();
  const std::string_view name = in.String();
  Topic* topic = FindTopic(name);
  const int32_t partitions = in.Int32();
  WireWriter& out = client.out;
  out.BeginFrame();
  out.Int32(correlation);
  out.Int32(0);
  out.Int32(1);
  out.String(name);
  out.Int32(partitions);
  for (int32_t i = 0; i < partitions; ++i) {
    const int32_t index = in.Int32();
    const bool earliest = in.Int64() == kEarliestTimestamp;
    out.Int32(index);
    out.Int16(topic == nullptr ? kUnknownTopicOrPartition : int16_t{0});
    out.Int64(-1);
    const bool known = topic != nullptr && !earliest;
    out.Int64(known ? topic->partitions.at(static_cast<size_t>(index))->end_offset() : 0);
  }
  out.EndFrame();
}

IdealServer::Topic* IdealServer::FindTopic(std::string_view name) {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

}  // namespace millrace::bench
