#pragma once

// The door's verbs for small files, which need no engine. A part of binding.cc, which alone includes it.

#include <napi.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "binding_values.h"
#include "io/file_system.h"
#include "io/whole_file.h"

namespace millrace {

using FileOutcome = Result<std::optional<std::vector<std::byte>>>;

// One thing to do on a worker thread of the environment, in one go: handing over a call costs more than most calls
// take. Its promise gives the bytes, null without any, or is rejected with an error object. Deletes itself.
class FileWork final : public Napi::AsyncWorker {
 public:
  static Napi::Value Start(Napi::Env env, std::function<FileOutcome()> work) {
    auto* started = new FileWork(env, std::move(work));
    const Napi::Promise promise = started->done_.Promise();
    started->Queue();
    return promise;
  }

 private:
  FileWork(Napi::Env env, std::function<FileOutcome()> work)
      : Napi::AsyncWorker(env, "millrace-file"), done_(Napi::Promise::Deferred::New(env)), work_(std::move(work)) {}

  void Execute() override { outcome_.emplace(work_()); }

  void OnOK() override {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    if (!outcome_->ok()) return done_.Reject(ErrorOf(env, outcome_->status()));
    const auto& bytes = outcome_->value();
    done_.Resolve(bytes ? ValueOf(env, *bytes) : env.Null());
  }

  const Napi::Promise::Deferred done_;
  const std::function<FileOutcome()> work_;
  std::optional<FileOutcome> outcome_;
};

// (path)
inline Napi::Value ReadFileVerb(const Napi::CallbackInfo& info) {
  return FileWork::Start(info.Env(), [path = info[0].As<Napi::String>().Utf8Value()] {
    return ReadWholeFile(RealFileSystem(), path);
  });
}

// (path, bytes); the bytes are copied.
inline Napi::Value ReplaceFileVerb(const Napi::CallbackInfo& info) {
  const auto content = info[1].As<Napi::Uint8Array>();
  const auto* begin = reinterpret_cast<const std::byte*>(content.Data());
  std::vector<std::byte> bytes(begin, begin + content.ByteLength());
  return FileWork::Start(info.Env(), [path = info[0].As<Napi::String>().Utf8Value(), bytes = std::move(bytes)] {
    Status replaced = ReplaceFile(RealFileSystem(), path, bytes);
    return replaced.ok() ? FileOutcome(std::nullopt) : FileOutcome(std::move(replaced));
  });
}

}  // namespace millrace
