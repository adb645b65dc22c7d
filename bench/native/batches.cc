#include "batches.h"

#include <chrono>
#include <cstdio>

#include "codec/crc32c.h"
#include "fatal.h"

namespace millrace::bench {
namespace {

// xorshift64*: fast, and incompressible enough for every codec.
class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::byte Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::byte>((state_ * 0x2545f4914f6cdd1du) >> 56);
  }

 private:
  uint64_t state_;
};

void AppendRecord(WireWriter& out, int32_t index, size_t value_bytes, Noise& noise) {
  WireWriter record;
  record.Int8(0);
  record.Varint(0);
  record.Varint(index);
  record.Varint(-1);
  record.Varint(static_cast<int64_t>(value_bytes));
  for (size_t i = 0; i < value_bytes; ++i) record.Int8(static_cast<int8_t>(noise.Next()));
  record.Varint(0);
  out.Varint(static_cast<int64_t>(record.size()));
  out.Raw(record.bytes());
}

}  // namespace

Batch BuildBatch(const BatchShape& shape, uint64_t seed, int64_t timestamp_ms) {
  Noise noise(seed);
  WireWriter out;
  for (size_t i = 0; i < kBatchHeaderSize; ++i) out.Int8(0);
  int32_t records = 0;
  size_t record_size = 0;
  do {
    const size_t before = out.size();
    AppendRecord(out, records++, shape.record_bytes, noise);
    record_size = out.size() - before;
  } while (out.size() + record_size <= shape.batch_bytes);
  std::byte* at = out.data();
  StoreInt32(at + 8, static_cast<int32_t>(out.size() - kBatchOverhead));
  StoreInt32(at + 12, -1);
  at[16] = std::byte{kMagic};
  StoreInt32(at + 23, records - 1);
  StoreInt64(at + 27, timestamp_ms);
  StoreInt64(at + 35, timestamp_ms);
  StoreInt64(at + 43, shape.producer_id);
  StoreInt16(at + 51, shape.producer_id < 0 ? -1 : 0);
  StoreInt32(at + 53, shape.base_sequence);
  StoreInt32(at + 57, records);
  Batch batch{{out.bytes().begin(), out.bytes().end()}, records};
  SealBatch(batch.bytes);
  return batch;
}

Batch ReadBatchFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) FailErrno(path.c_str());
  Batch batch;
  std::byte piece[65'536];
  for (size_t n; (n = std::fread(piece, 1, sizeof piece, file)) > 0;) {
    batch.bytes.insert(batch.bytes.end(), piece, piece + n);
  }
  std::fclose(file);
  if (Inspect(batch.bytes) != Inspection::Valid) Fail(path + " is not exactly one whole batch of magic 2");
  batch.records = ParseBatchHeader(batch.bytes)->record_count;
  return batch;
}

void SealBatch(std::span<std::byte> batch) {
  StoreUint32(batch.data() + 17, Crc32c(batch.subspan(kBatchCrcStart)));
}

size_t FirstValuePosition(const Batch& batch) {
  size_t position = 0;
  VisitRecords(Bytes(batch.bytes), [&](int64_t offset, Bytes value) {
    if (offset == 0) position = static_cast<size_t>(value.data() - batch.bytes.data());
  });
  return position;
}

int64_t WallClockMs() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

}  // namespace millrace::bench
