#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/varint.h"
#include "fixture.h"
#include "log/cleaner/record_iterator.h"

// Logs of keyed records: to write them, to clean them, to read them as a consumer does.
namespace millrace::test {

struct Keyed {
  std::string key;
  std::optional<std::string> value;
};

inline void PutBlob(ByteVector& out, const std::string& text) {
  PutVarint(out, static_cast<int64_t>(text.size()));
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

// One batch of keyed records, each dated by its offset.
inline ByteVector KeyedBatch(int64_t base_offset, const std::vector<Keyed>& records, int64_t producer_id = -1,
                      int16_t attributes = 0) {
  ByteVector batch(kBatchHeaderSize);
  for (size_t i = 0; i < records.size(); ++i) {
    ByteVector record{std::byte{0}};
    PutVarint(record, static_cast<int64_t>(i));
    PutVarint(record, static_cast<int64_t>(i));
    PutBlob(record, records[i].key);
    if (records[i].value) {
      PutBlob(record, *records[i].value);
    } else {
      PutVarint(record, -1);
    }
    PutVarint(record, 0);
    PutVarint(batch, static_cast<int64_t>(record.size()));
    batch.insert(batch.end(), record.begin(), record.end());
  }
  std::byte* at = batch.data();
  const auto count = static_cast<int32_t>(records.size());
  StoreInt64(at, base_offset);
  StoreInt32(at + 8, static_cast<int32_t>(batch.size() - kBatchOverhead));
  StoreInt32(at + 12, 5);
  at[16] = std::byte{2};
  StoreInt16(at + 21, attributes);
  StoreInt32(at + 23, count - 1);
  StoreInt64(at + 27, 1000 + base_offset);
  StoreInt64(at + 35, 1000 + base_offset + count - 1);
  StoreInt64(at + 43, producer_id);
  StoreInt16(at + 51, producer_id < 0 ? -1 : 0);
  StoreInt32(at + 53, producer_id < 0 ? -1 : 0);
  StoreInt32(at + 57, count);
  StoreUint32(at + 17, Crc32c(std::span<const std::byte>(batch).subspan(kBatchCrcStart)));
  return batch;
}

inline bool TryAppendBytes(World& world, LogHandle log, const ByteVector& batch) {
  auto outcome = std::make_shared<Barrier::Outcome>();
  auto copied = HeapBytes::CopyOf(batch);
  const auto header = *ParseBatchHeader(batch);
  world.store.Append(log, {.bytes = copied.bytes,
                           .owner = std::move(copied.ref),
                           .base_offset = header.base_offset,
                           .end_offset = header.last_offset() + 1,
                           .max_timestamp = header.max_timestamp,
                           .record_count = header.record_count,
                           .barrier = new Barrier(outcome)});
  return outcome->Wait();
}
inline void AppendBytes(World& world, LogHandle log, const ByteVector& batch) {
  CHECK(TryAppendBytes(world, log, batch));
}

inline CleanResult Clean(World& world, LogHandle log, const CleanRequest& request) {
  auto done = world.Call([&](uint32_t t) { world.store.Clean(log, request, nullptr, t); });
  CHECK(done.status.ok());
  return std::get<CleanResult>(done.payload);
}

struct Found {
  int64_t offset;
  std::optional<std::string> value;
  friend bool operator==(const Found&, const Found&) = default;
};
struct Contents {
  std::map<std::string, Found> last;
  int64_t records = 0;
  int64_t batches = 0;
};

// Reads the log as a consumer does.
inline Contents ReadAll(World& world, LogHandle log, int64_t end_offset) {
  Contents contents;
  int64_t last_offset = -1;
  for (int64_t offset = 0; offset < end_offset;) {
    auto done = world.Call([&](uint32_t t) { world.store.ReadBytes(log, offset, end_offset, 1 << 20, t); });
    REQUIRE(done.status.ok());
    const ByteVector bytes = std::get<ByteVector>(done.payload);
    if (bytes.empty()) break;
    std::span<const std::byte> rest = bytes;
    while (!rest.empty()) {
      const auto header = ParseBatchHeader(rest);
      REQUIRE(header.has_value());
      const auto batch = rest.first(static_cast<size_t>(header->size));
      CHECK(ChecksumMatches(batch));
      CHECK(header->base_offset > last_offset);
      last_offset = header->last_offset();
      RecordIterator records(batch.subspan(kBatchHeaderSize), header->record_count);
      for (RecordView record; records.Next(record);) {
        const std::string key(reinterpret_cast<const char*>(record.key.data()), record.key.size());
        std::span<const std::byte> tail = record.bytes.subspan(
            static_cast<size_t>(record.key.data() + record.key.size() - record.bytes.data()));
        const auto size = TakeVarint(tail);
        std::optional<std::string> value;
        if (*size >= 0) value.emplace(reinterpret_cast<const char*>(tail.data()), static_cast<size_t>(*size));
        contents.last[key] = {header->base_offset + record.offset_delta, value};
        ++contents.records;
      }
      CHECK(!records.malformed());
      ++contents.batches;
      offset = header->last_offset() + 1;
      rest = rest.subspan(batch.size());
    }
  }
  return contents;
}

// `count` batches of three records over twenty keys. Returns the newest of each.
inline std::map<std::string, Found> Fill(World& world, LogHandle log, int64_t count, int64_t from = 0) {
  std::map<std::string, Found> last;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<Keyed> records;
    for (int64_t j = 0; j < 3; ++j) {
      const std::string key = "key-" + std::to_string((i * 5 + j * 7) % 20);
      const int64_t offset = from + i * 3 + j;
      records.push_back({key, "value-" + std::to_string(offset)});
      last[key] = {offset, records.back().value};
    }
    AppendBytes(world, log, KeyedBatch(from + i * 3, records));
  }
  return last;
}

inline CleanRequest CleanUpTo(int64_t offset, const LogOptions& options) {
  CleanRequest request;
  request.first_uncleanable_offset = offset;
  request.now_ms = 1'000'000;
  request.segment_bytes = options.segment_bytes;
  request.segment_index_bytes = options.segment_index_bytes;
  request.index_interval_bytes = options.index_interval_bytes;
  request.map_bytes = 1 << 20;
  return request;
}

inline int64_t ActiveBase(World& world, LogHandle log) { return world.store.Segments(log).back().base_offset; }

}  // namespace millrace::test
