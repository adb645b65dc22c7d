#pragma once

#include "codec/batch_header.h"

namespace millrace::bench {

template <typename Visit>
bool VisitRecords(Bytes batch, Visit visit) {
  const auto header = ParseBatchHeader(batch);
  if (!header || header->compressed() || header->size > static_cast<int64_t>(batch.size())) return false;
  WireReader in(batch.first(static_cast<size_t>(header->size)));
  in.Skip(kBatchHeaderSize);
  for (int32_t i = 0; i < header->record_count; ++i) {
    const auto length = static_cast<size_t>(in.Varint());
    const size_t start = in.position();
    in.Int8();
    in.Varint();
    const int64_t offset = header->base_offset + in.Varint();
    const int64_t key_length = in.Varint();
    if (key_length > 0) in.Skip(static_cast<uint64_t>(key_length));
    const int64_t value_length = in.Varint();
    const size_t value = in.position();
    if (value_length < 0 || static_cast<size_t>(value_length) > in.remaining()) return false;
    visit(offset, batch.subspan(value, static_cast<size_t>(value_length)));
    in.Skip(length - (in.position() - start));
    if (!in.ok()) return false;
  }
  return in.remaining() == 0;
}

}  // namespace millrace::bench
