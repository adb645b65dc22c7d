#pragma once

// Values of the door that are converted field by field. A part of binding.cc, which alone includes it.

#include <napi.h>
#include <uv.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/clamped.h"
#include "base/status.h"
#include "log/cleaner/clean_types.h"
#include "log/log_types.h"
#include "net/reactor_context.h"

namespace millrace {

inline Napi::Object ErrorOf(Napi::Env env, const Status& status) {
  Napi::Object error = Napi::Object::New(env);
  error.Set("operation", status.operation());
  error.Set("errno", status.error());
  error.Set("code", uv_err_name(-status.error()));
  error.Set("path", status.path());
  return error;
}

inline double Number(const Napi::Object& object, const char* name) { return object.Get(name).ToNumber().DoubleValue(); }

inline double Double(const Napi::Value& value) { return value.As<Napi::Number>().DoubleValue(); }

inline int64_t Int64(const Napi::Value& value) { return Clamped<int64_t>(Double(value)); }

inline int64_t Int64(const Napi::Object& object, const char* name) { return Int64(object.Get(name)); }

// `producers` is three numbers each, `aborted` four; see clean_types.h for their order.
inline CleanRequest CleanRequestOf(const Napi::Object& object) {
  CleanRequest request;
  request.first_dirty_offset = Int64(object, "firstDirtyOffset");
  request.first_uncleanable_offset = Int64(object, "firstUncleanableOffset");
  request.now_ms = Int64(object, "nowMs");
  request.delete_retention_ms = Int64(object, "deleteRetentionMs");
  request.segment_bytes = Int64(object, "segmentBytes");
  request.segment_index_bytes = Clamped<int32_t>(Number(object, "segmentIndexBytes"));
  request.index_interval_bytes = Clamped<int32_t>(Number(object, "indexIntervalBytes"));
  request.map_bytes = Int64(object, "mapBytes");
  request.load_factor = Number(object, "loadFactor");
  request.buffer_bytes = Int64(object, "bufferBytes");
  request.bytes_per_second = Number(object, "bytesPerSecond");
  const auto producers = object.Get("producers").As<Napi::Float64Array>();
  for (size_t i = 0; i + 3 <= producers.ElementLength(); i += 3) {
    request.producers.push_back({Clamped<int64_t>(producers[i]), Clamped<int64_t>(producers[i + 1]),
                                 static_cast<int16_t>(Clamped<int32_t>(producers[i + 2]))});
  }
  const auto aborted = object.Get("aborted").As<Napi::Float64Array>();
  for (size_t i = 0; i + 4 <= aborted.ElementLength(); i += 4) {
    request.aborted.push_back({Clamped<int64_t>(aborted[i]), Clamped<int64_t>(aborted[i + 1]),
                               Clamped<int64_t>(aborted[i + 2]), Clamped<int64_t>(aborted[i + 3])});
  }
  return request;
}

inline SmallFilesQuery SmallFilesQueryOf(const Napi::Object& object) {
  SmallFilesQuery query;
  const auto names = object.Get("smallFiles").As<Napi::Array>();
  for (uint32_t i = 0; i < names.Length(); i++) query.names.push_back(names.Get(i).ToString().Utf8Value());
  const Napi::Value expected = object.Get("expected");
  if (!expected.IsNull()) query.expected = expected.ToString().Utf8Value();
  return query;
}

inline Napi::Array OffsetsOf(Napi::Env env, const std::vector<double>& offsets) {
  Napi::Array array = Napi::Array::New(env, offsets.size());
  for (uint32_t i = 0; i < offsets.size(); i++) array.Set(i, offsets[i]);
  return array;
}

inline Napi::Object CleanResultOf(Napi::Env env, const CleanResult& result) {
  Napi::Object object = Napi::Object::New(env);
  const std::pair<const char*, int64_t> numbers[] = {
      {"endOffset", result.end_offset},         {"bytesRead", result.bytes_read},
      {"bytesBefore", result.bytes_before},     {"bytesWritten", result.bytes_written},
      {"recordsRead", result.records_read},     {"recordsKept", result.records_kept},
      {"recordsInvalid", result.records_invalid}, {"mapEntries", result.map_entries},
      {"mapEntriesMax", result.map_entries_max}, {"indexMs", result.index_ms},
      {"copyMs", result.copy_ms},
  };
  for (const auto& [name, number] : numbers) object.Set(name, static_cast<double>(number));
  object.Set("removedSegments", OffsetsOf(env, result.removed_segments));
  object.Set("droppedMarkers", OffsetsOf(env, result.dropped_markers));
  object.Set("failure", result.status.ok() ? env.Null() : ErrorOf(env, result.status));
  return object;
}

inline Napi::Object PeerOf(Napi::Env env, const AcceptedPeer& accepted) {
  Napi::Object peer = Napi::Object::New(env);
  peer.Set("address", accepted.peer.address);
  peer.Set("port", accepted.peer.port);
  peer.Set("localAddress", accepted.local.address);
  peer.Set("localPort", accepted.local.port);
  return peer;
}

inline Napi::Value ValueOf(Napi::Env env, std::monostate) { return env.Undefined(); }
inline Napi::Value ValueOf(Napi::Env env, int64_t number) {
  return Napi::Number::New(env, static_cast<double>(number));
}
inline Napi::Value ValueOf(Napi::Env env, const ByteVector& bytes) {
  return Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}
// Epochs as pairs of numbers: epoch, first offset.
inline Napi::Value ScannedOf(Napi::Env env, const ScannedTail& scanned) {
  if (scanned.from < 0) return env.Null();
  Napi::Array epochs = Napi::Array::New(env, scanned.epochs.size() * 2);
  for (uint32_t i = 0; i < scanned.epochs.size(); i++) {
    epochs.Set(2 * i, scanned.epochs[i].epoch);
    epochs.Set(2 * i + 1, static_cast<double>(scanned.epochs[i].start_offset));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("from", static_cast<double>(scanned.from));
  object.Set("plain", Napi::Boolean::New(env, scanned.plain));
  object.Set("epochs", epochs);
  return object;
}
inline Napi::Value ValueOf(Napi::Env env, const OpenedLog& opened) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("log", opened.log);
  object.Set("logStartOffset", static_cast<double>(opened.log_start_offset));
  object.Set("logEndOffset", static_cast<double>(opened.log_end_offset));
  object.Set("segmentCount", static_cast<double>(opened.segment_count));
  object.Set("sizeBytes", static_cast<double>(opened.size_bytes));
  object.Set("truncatedBytes", static_cast<double>(opened.truncated_bytes));
  object.Set("recoveredSegments", static_cast<double>(opened.recovered_segments));
  Napi::Array small = Napi::Array::New(env, opened.small_files.size());
  for (uint32_t i = 0; i < opened.small_files.size(); i++) {
    const auto& text = opened.small_files[i];
    small.Set(i, text ? Napi::Value(Napi::String::New(env, *text)) : env.Null());
  }
  object.Set("smallFiles", small);
  Napi::Array others = Napi::Array::New(env, opened.other_files.size());
  for (uint32_t i = 0; i < opened.other_files.size(); i++) others.Set(i, opened.other_files[i]);
  object.Set("otherFiles", others);
  object.Set("scanned", ScannedOf(env, opened.scanned));
  return object;
}
inline Napi::Value ValueOf(Napi::Env env, const CopyProgress& progress) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("copiedBytes", static_cast<double>(progress.copied_bytes));
  object.Set("lagBytes", static_cast<double>(progress.lag_bytes));
  object.Set("endOffset", static_cast<double>(progress.end_offset));
  return object;
}
inline Napi::Value ValueOf(Napi::Env env, const CleanResult& result) { return CleanResultOf(env, result); }
inline Napi::Value ValueOf(Napi::Env env, const std::optional<TimestampHit>& hit) {
  if (!hit) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("timestamp", static_cast<double>(hit->timestamp));
  object.Set("offset", static_cast<double>(hit->offset));
  object.Set("leaderEpoch", hit->leader_epoch);
  // Only of compressed batches: the script looks for the record in it.
  if (!hit->batch.empty()) object.Set("batch", ValueOf(env, hit->batch));
  return object;
}

}  // namespace millrace
