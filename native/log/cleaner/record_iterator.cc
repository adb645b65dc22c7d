#include "log/cleaner/record_iterator.h"

#include "codec/varint.h"

namespace millrace {

bool RecordIterator::Next(RecordView& record) {
  if (malformed_) return false;
  if (left_ <= 0) return rest_.empty() && left_ == 0 ? false : Fail();
  --left_;
  const std::span<const std::byte> start = rest_;
  const auto length = TakeVarint(rest_);
  if (!length || *length < 1 || static_cast<uint64_t>(*length) > rest_.size()) return Fail();
  std::span<const std::byte> body = rest_.first(static_cast<size_t>(*length));
  rest_ = rest_.subspan(static_cast<size_t>(*length));
  record.bytes = start.first(start.size() - rest_.size());
  record.attributes = body[0];
  body = body.subspan(1);
  const auto timestamp_delta = TakeVarint(body);
  record.rest = body;
  const auto offset_delta = TakeVarint(body);
  const auto key_size = TakeVarint(body);
  if (!timestamp_delta || !offset_delta || *offset_delta < 0 || *offset_delta > INT32_MAX || !key_size ||
      *key_size < -1 || *key_size > static_cast<int64_t>(body.size())) {
    return Fail();
  }
  record.timestamp_delta = *timestamp_delta;
  record.offset_delta = *offset_delta;
  record.has_key = *key_size >= 0;
  record.key = body.first(record.has_key ? static_cast<size_t>(*key_size) : 0);
  body = body.subspan(record.key.size());
  const auto value_size = TakeVarint(body);
  if (!value_size || *value_size < -1 || *value_size > static_cast<int64_t>(body.size())) return Fail();
  record.has_value = *value_size >= 0;
  return true;
}

}  // namespace millrace
