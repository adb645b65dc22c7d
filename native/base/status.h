#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace millrace {

// The outcome of something that touches the outside: which operation failed, with which errno, on which path.
// Nothing below the binding throws; a Status that is dropped by accident is a compile error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(const char* operation, int error, std::string_view path)
      : operation_(operation), error_(error), path_(path) {
    assert(error != 0);
  }

  static Status Ok() { return {}; }

  bool ok() const { return error_ == 0; }
  // A string literal naming the system call or the check, e.g. "pwritev".
  const char* operation() const { return operation_; }
  int error() const { return error_; }
  const std::string& path() const { return path_; }

 private:
  const char* operation_ = "";
  int error_ = 0;
  std::string path_;
};

// A value or the Status that explains its absence. `value()` may be called only when `ok()`.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {
    assert(!std::get_if<1>(&state_)->ok());
  }

  bool ok() const { return state_.index() == 0; }
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  const Status& status() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace millrace
