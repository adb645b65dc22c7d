// The door's native half, mirrored by `src/native/binding.ts`. It converts values and delivers events; what
// anything means is decided behind engine.h. The script validates, this side asserts.
//
// One EngineHandle per engine and no static state, so several environments (worker threads) may each have
// theirs. Everything here runs on the environment's thread; only the doorbell is rung from others.
#include <napi.h>
#include <uv.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <string>
#include <utility>

#include "base/clamped.h"
#include "base/lock_file.h"
#include "base/program_pages.h"
#include "binding_files.h"
#include "binding_values.h"
#include "codec/batch_header.h"
#include "engine.h"
#include "event_pump.h"
#include "layout.h"

namespace {
using namespace millrace;

// Memory that lives as long as `keep`; the buffer holds a share of it, so it is valid even after the engine.
template <typename Keep>
Napi::ArrayBuffer Expose(Napi::Env env, const std::shared_ptr<Keep>& keep, void* data, size_t bytes) {
  auto* share = new std::shared_ptr<Keep>(keep);
  return Napi::ArrayBuffer::New(
      env, data, bytes, [](Napi::Env, void*, std::shared_ptr<Keep>* held) { delete held; }, share);
}

EngineOptions OptionsOf(const Napi::Object& object) {
  EngineOptions options;
  options.network_threads = static_cast<uint32_t>(Number(object, "networkThreads"));
  options.log_threads = static_cast<int>(Number(object, "logThreads"));
  options.slab_bytes = static_cast<size_t>(Number(object, "slabBytes"));
  options.connections_max = static_cast<size_t>(Number(object, "connectionsMax"));
  options.net.frame_bytes_max = static_cast<size_t>(Number(object, "frameBytesMax"));
  options.net.connection_frames_max = static_cast<int32_t>(Number(object, "connectionFramesMax"));
  options.net.connection_send_bytes_max = static_cast<size_t>(Number(object, "connectionSendBytesMax"));
  options.net.socket.send_buffer_bytes = static_cast<int>(Number(object, "sendBufferBytes"));
  options.net.socket.receive_buffer_bytes = static_cast<int>(Number(object, "receiveBufferBytes"));
  options.net.socket.congestion_control = object.Get("congestionControl").ToString().Utf8Value();
  return options;
}

class EngineHandle final : public Napi::ObjectWrap<EngineHandle> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EngineHandle(const Napi::CallbackInfo& info);

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  void Stop(const Napi::CallbackInfo& info);
  void KeepAlive(const Napi::CallbackInfo& info);
  Napi::Value Memory(const Napi::CallbackInfo& info);
  Napi::Value HotVerbs(const Napi::CallbackInfo& info);
  Napi::Value TakePayload(const Napi::CallbackInfo& info);
  Napi::Value Listen(const Napi::CallbackInfo& info);
  void CloseListener(const Napi::CallbackInfo& info);
  void SendLarge(const Napi::CallbackInfo& info);
  Napi::Value Inspect(const Napi::CallbackInfo& info);
  void OpenLog(const Napi::CallbackInfo& info);
  void AppendLarge(const Napi::CallbackInfo& info);
  void Ask(const Napi::CallbackInfo& info);
  void CleanLog(const Napi::CallbackInfo& info);
  void CopyLog(const Napi::CallbackInfo& info);
  void MoveLog(const Napi::CallbackInfo& info);
  void Transcoded(const Napi::CallbackInfo& info);
  Napi::Value Segments(const Napi::CallbackInfo& info);
  Napi::Value MakeRoom(const Napi::CallbackInfo& info);

  bool GiveToScript(std::span<Event> events);
  void AtStopped();
  static void AtCleanup(napi_async_cleanup_hook_handle handle, void* self);

  std::unique_ptr<Engine> engine_;
  EventPump pump_;
  Napi::FunctionReference drain_;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
};

EngineHandle::EngineHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineHandle>(info) {
  Napi::Env env = info.Env();
  drain_ = Napi::Persistent(info[1].As<Napi::Function>());
  async_context_ = std::make_unique<Napi::AsyncContext>(env, "millrace");

  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  pump_.Open(loop, [this](std::span<Event> events) { return GiveToScript(events); });
  auto engine = Engine::Create(OptionsOf(info[0].As<Napi::Object>()), pump_.Ringer());
  if (!engine.ok()) {
    pump_.Close();
    info.This().As<Napi::Object>().Set("failure", ErrorOf(env, engine.status()));
    return;
  }
  engine_ = std::move(engine).value();
  pump_.Attach(*engine_);
  // The threads must be gone before the environment is; the script's object must stay until then.
  napi_add_async_cleanup_hook(env, AtCleanup, this, &cleanup_);
  Ref();
}

Napi::Value EngineHandle::Start(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  const Status status = pump_.Start(loop);
  return status.ok() ? info.Env().Undefined() : ErrorOf(info.Env(), status);
}

void EngineHandle::Stop(const Napi::CallbackInfo&) { engine_->Stop(false); }

// (whether the doorbell keeps the event loop alive)
void EngineHandle::KeepAlive(const Napi::CallbackInfo& info) {
  pump_.KeepAlive(info[0].As<Napi::Boolean>().Value());
}

// False when the engine stopped or the script can run no more.
bool EngineHandle::GiveToScript(std::span<Event> events) {
  const Napi::Env env = Env();
  Napi::HandleScope scope(env);
  const size_t first = engine_->events()->IndexOf(events.front());
  const bool stopped = events.back().type == static_cast<int32_t>(LogEvent::kStopped);
  const napi_value arguments[] = {Napi::Number::New(env, static_cast<double>(first)),
                                  Napi::Number::New(env, static_cast<double>(events.size()))};
  if (stopped) AtStopped();
  // By hand, for an environment that is being torn down refuses calls, which is no error here.
  const napi_status status = napi_make_callback(env, *async_context_, Value(), drain_.Value(), std::size(arguments),
                                                arguments, nullptr);
  napi_value error = nullptr;
  if (status == napi_pending_exception && napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
  engine_->Consume(events.size());
  return !stopped && (status == napi_ok || error != nullptr);
}

// Every thread has ended; the doorbell is not needed any more.
void EngineHandle::AtStopped() {
  engine_->Stop(true);
  pump_.Close();
  if (cleanup_ != nullptr) {
    napi_remove_async_cleanup_hook(std::exchange(cleanup_, nullptr));
    Unref();
  }
}

void EngineHandle::AtCleanup(napi_async_cleanup_hook_handle handle, void* data) {
  auto* self = static_cast<EngineHandle*>(data);
  self->engine_->Stop(true);
  self->pump_.Close();
  self->cleanup_ = nullptr;
  napi_remove_async_cleanup_hook(handle);
}

Napi::Value EngineHandle::Memory(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object memory = Napi::Object::New(env);
  const auto slab = engine_->slab()->region();
  memory.Set("slab", Expose(env, engine_->slab(), slab.data(), slab.size()));
  const auto ring = engine_->events()->memory();
  memory.Set("events", Expose(env, engine_->events(), ring.data(), ring.size()));
  const auto& area = engine_->area();
  memory.Set("commands", Expose(env, area, area->commands.get(), SharedArea::kCommands * sizeof(Command)));
  memory.Set("outbox", Expose(env, area, area->outbox.get(), SharedArea::kOutboxBytes));
  memory.Set("copies", Expose(env, area, area->copies.get(), SharedArea::kCopyBytes));
  memory.Set("lookups", Expose(env, area, area->lookups.get(), SharedArea::kLookups * sizeof(LookupRow)));
  return memory;
}

Napi::Value EngineHandle::TakePayload(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const size_t index = info[0].As<Napi::Number>().Uint32Value();
  const int32_t type = engine_->events()->TypeAt(index);
  const auto payload = engine_->TakePayload(index);
  if (!payload) return env.Undefined();
  if (type == static_cast<int32_t>(NetEvent::kAccepted)) {
    return PeerOf(env, static_cast<const AcceptedPeer&>(*payload));
  }
  if (type == static_cast<int32_t>(LogEvent::kTranscode)) {
    const auto& job = static_cast<const TranscodeRequest&>(*payload).job;
    Napi::Object object = Napi::Object::New(env);
    object.Set("job", engine_->OpenJob(job));
    object.Set("codec", job->codec);
    object.Set("compress", Napi::Boolean::New(env, job->compress));
    object.Set("bytes", ValueOf(env, job->input));
    return object;
  }
  if (type == static_cast<int32_t>(LogEvent::kLogFailed)) {
    return ErrorOf(env, static_cast<const LogFailure&>(*payload).status);
  }
  const auto* completion = static_cast<const Completion*>(payload.get());
  Napi::Object result = Napi::Object::New(env);
  if (!completion->status.ok()) {
    result.Set("error", ErrorOf(env, completion->status));
    return result;
  }
  result.Set("value", std::visit([env](const auto& value) { return ValueOf(env, value); }, completion->payload));
  return result;
}

// (commands)
void Flush(const Napi::CallbackInfo& info) {
  static_cast<EventPump*>(info.Data())->Flush(info[0].As<Napi::Number>().Uint32Value());
}

// (rows, bytes, slices, whether at least one batch); the rows lie in the lookup area.
void Lookup(const Napi::CallbackInfo& info) {
  auto* engine = static_cast<Engine*>(info.Data());
  const size_t count = std::min<size_t>(info[0].As<Napi::Number>().Uint32Value(), SharedArea::kLookups);
  const LookupBudget budget{info[1].As<Napi::Number>().Int64Value(), info[2].As<Napi::Number>().Int64Value(),
                            info[3].As<Napi::Boolean>().Value()};
  LookUp(engine->logs(), {engine->area()->lookups.get(), count}, budget);
}

// What is called per request, as functions of their own: finding the engine through `this` costs more than the rest
// of a call. They must not be called without the handle.
Napi::Value EngineHandle::HotVerbs(const Napi::CallbackInfo& info) {
  Napi::Object verbs = Napi::Object::New(info.Env());
  verbs.Set("flush", Napi::Function::New<Flush>(info.Env(), "flush", &pump_));
  verbs.Set("lookup", Napi::Function::New<Lookup>(info.Env(), "lookup", engine_.get()));
  return verbs;
}

Napi::Value EngineHandle::Listen(const Napi::CallbackInfo& info) {
  Endpoint wanted{info[1].As<Napi::String>().Utf8Value(),
                  static_cast<uint16_t>(info[2].As<Napi::Number>().Uint32Value())};
  const auto port = engine_->Listen(info[0].As<Napi::Number>(), wanted, info[3].As<Napi::Number>());
  if (!port.ok()) return ErrorOf(info.Env(), port.status());
  return Napi::Number::New(info.Env(), port.value());
}

void EngineHandle::CloseListener(const Napi::CallbackInfo& info) { engine_->CloseListener(info[0].As<Napi::Number>()); }

std::span<const std::byte> BytesOf(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const std::byte*>(bytes.Data()), bytes.ByteLength()};
}

// (connection, sequence, bytes, slices); the slices stand at the start of the command area.
void EngineHandle::SendLarge(const Napi::CallbackInfo& info) {
  engine_->SendLarge(info[0].As<Napi::Number>(), info[1].As<Napi::Number>(), BytesOf(info[2]),
                     info[3].As<Napi::Number>().Uint32Value());
}

Napi::Value EngineHandle::Inspect(const Napi::CallbackInfo& info) {
  const auto position = info[0].As<Napi::Number>().Uint32Value();
  const auto length = info[1].As<Napi::Number>().Uint32Value();
  const auto region = engine_->slab()->region();
  assert(position <= region.size() && length <= region.size() - position);
  return Napi::Number::New(info.Env(), static_cast<int32_t>(millrace::Inspect(region.subspan(position, length))));
}

// (ticket, options)
void EngineHandle::OpenLog(const Napi::CallbackInfo& info) {
  const auto object = info[1].As<Napi::Object>();
  OpenOptions options;
  options.log.segment_bytes = Int64(object.Get("segmentBytes"));
  options.log.segment_ms = Int64(object.Get("segmentMs"));
  options.log.index_interval_bytes = Clamped<int32_t>(Number(object, "indexIntervalBytes"));
  options.log.segment_index_bytes = Clamped<int32_t>(Number(object, "segmentIndexBytes"));
  options.log.flush_messages = Int64(object.Get("flushMessages"));
  options.directory = object.Get("directory").ToString().Utf8Value();
  options.log_start_offset = Int64(object.Get("logStartOffset"));
  options.recovery_point = Int64(object.Get("recoveryPoint"));
  options.compacted_below = Int64(object.Get("compactedBelow"));
  options.small_files = SmallFilesQueryOf(object);
  engine_->logs().Open(info[0].As<Napi::Number>().Uint32Value(), std::move(options));
}

// (bytes); the append record is the first of the command area.
void EngineHandle::AppendLarge(const Napi::CallbackInfo& info) {
  engine_->AppendLarge(engine_->area()->commands[0], BytesOf(info[0]));
}

// (verb, ticket, log, x, y, z)
void EngineHandle::Ask(const Napi::CallbackInfo& info) {
  millrace::Ask(engine_->logs(), static_cast<LogVerb>(info[0].As<Napi::Number>().Int32Value()),
                info[1].As<Napi::Number>().Uint32Value(), info[2].As<Napi::Number>(), Double(info[3]), Double(info[4]),
                Double(info[5]));
}

// (ticket, log, options)
void EngineHandle::CleanLog(const Napi::CallbackInfo& info) {
  engine_->Clean(info[1].As<Napi::Number>(), CleanRequestOf(info[2].As<Napi::Object>()),
                 info[0].As<Napi::Number>().Uint32Value());
}

// (ticket, log, options)
void EngineHandle::CopyLog(const Napi::CallbackInfo& info) {
  const auto object = info[2].As<Napi::Object>();
  CopyRequest request{.directory = object.Get("directory").ToString().Utf8Value(),
                      .bytes_max = Int64(object, "bytesMax"),
                      .bytes_per_second = Number(object, "bytesPerSecond")};
  engine_->logs().Copy(info[1].As<Napi::Number>(), std::move(request), info[0].As<Napi::Number>().Uint32Value());
}

// (ticket, log, directory)
void EngineHandle::MoveLog(const Napi::CallbackInfo& info) {
  engine_->logs().Move(info[1].As<Napi::Number>(), info[2].ToString().Utf8Value(),
                       info[0].As<Napi::Number>().Uint32Value());
}

// (job, bytes or null)
void EngineHandle::Transcoded(const Napi::CallbackInfo& info) {
  std::optional<ByteVector> output;
  if (!info[1].IsNull()) {
    const auto bytes = BytesOf(info[1]);
    output.emplace(bytes.begin(), bytes.end());
  }
  engine_->Transcoded(info[0].As<Napi::Number>(), std::move(output));
}

Napi::Value EngineHandle::Segments(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto segments = engine_->logs().Segments(info[0].As<Napi::Number>());
  Napi::Array array = Napi::Array::New(env, segments.size());
  for (uint32_t i = 0; i < segments.size(); i++) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("baseOffset", static_cast<double>(segments[i].base_offset));
    object.Set("sizeBytes", static_cast<double>(segments[i].size_bytes));
    object.Set("maxTimestamp", static_cast<double>(segments[i].max_timestamp));
    object.Set("lastModifiedMs", static_cast<double>(segments[i].last_modified_ms));
    array.Set(i, object);
  }
  return array;
}

// Whether descriptors were freed.
Napi::Value EngineHandle::MakeRoom(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), engine_->logs().MakeRoom());
}

Napi::Function EngineHandle::Define(Napi::Env env) {
  return DefineClass(env, "EngineHandle",
                     {
                         InstanceMethod<&EngineHandle::Start>("start"),
                         InstanceMethod<&EngineHandle::Stop>("stop"),
                         InstanceMethod<&EngineHandle::KeepAlive>("keepAlive"),
                         InstanceMethod<&EngineHandle::Memory>("memory"),
                         InstanceMethod<&EngineHandle::TakePayload>("takePayload"),
                         InstanceMethod<&EngineHandle::Listen>("listen"),
                         InstanceMethod<&EngineHandle::CloseListener>("closeListener"),
                         InstanceMethod<&EngineHandle::SendLarge>("sendLarge"),
                         InstanceMethod<&EngineHandle::Inspect>("inspect"),
                         InstanceMethod<&EngineHandle::OpenLog>("openLog"),
                         InstanceMethod<&EngineHandle::AppendLarge>("appendLarge"),
                         InstanceMethod<&EngineHandle::HotVerbs>("hotVerbs"),
                         InstanceMethod<&EngineHandle::Ask>("ask"),
                         InstanceMethod<&EngineHandle::Segments>("segments"),
                         InstanceMethod<&EngineHandle::MakeRoom>("makeRoom"),
                         InstanceMethod<&EngineHandle::CleanLog>("cleanLog"),
                         InstanceMethod<&EngineHandle::CopyLog>("copyLog"),
                         InstanceMethod<&EngineHandle::MoveLog>("moveLog"),
                         InstanceMethod<&EngineHandle::Transcoded>("transcoded"),
                     });
}

// (path): a descriptor number that unlockFile closes, or an error object.
Napi::Value Lock(const Napi::CallbackInfo& info) {
  auto locked = LockFile(info[0].As<Napi::String>().Utf8Value());
  if (!locked.ok()) return ErrorOf(info.Env(), locked.status());
  return Napi::Number::New(info.Env(), std::move(locked).value().Release());
}

void Unlock(const Napi::CallbackInfo& info) { UniqueFd(info[0].As<Napi::Number>().Int32Value()); }

void ReleaseProgram(const Napi::CallbackInfo&) { ReleaseProgramPages(); }

Napi::Object LayoutOf(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
  for (const auto& [name, value] : kLayout) layout.Set(name, static_cast<double>(value));
  return layout;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("EngineHandle", EngineHandle::Define(env));
  exports.Set("lockFile", Napi::Function::New<Lock>(env, "lockFile"));
  exports.Set("unlockFile", Napi::Function::New<Unlock>(env, "unlockFile"));
  exports.Set("readFile", Napi::Function::New<ReadFileVerb>(env, "readFile"));
  exports.Set("replaceFile", Napi::Function::New<ReplaceFileVerb>(env, "replaceFile"));
  exports.Set("releaseProgram", Napi::Function::New<ReleaseProgram>(env, "releaseProgram"));
  exports.Set("layout", LayoutOf(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(millrace, Init)
