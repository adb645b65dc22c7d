#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fatal.h"

namespace millrace::bench {

// Command line of `name=value` words. Every name a program reads is known after it has read them all, so
// `RefuseUnknown` can tell a misspelt option from one that was meant.
class Options {
 public:
  Options(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      const size_t equals = word.find('=');
      if (equals == std::string::npos) Fail("expected name=value, got: " + word);
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }

  std::string Text(const std::string& name, const std::string& fallback) {
    read_.insert(name);
    const auto found = values_.find(name);
    return found == values_.end() ? fallback : found->second;
  }

  double Number(const std::string& name, double fallback) {
    const std::string text = Text(name, "");
    if (text.empty()) return fallback;
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end != '\0' || value < -1) Fail(name + " is not a number: " + text);
    return value;
  }

  int64_t Integer(const std::string& name, int64_t fallback) {
    return static_cast<int64_t>(Number(name, static_cast<double>(fallback)));
  }

  bool Flag(const std::string& name, bool fallback) { return Integer(name, fallback ? 1 : 0) != 0; }

  // Options `prefix.NAME=VALUE`, without the prefix.
  std::map<std::string, std::string> Prefixed(const std::string& prefix) {
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : values_) {
      if (!name.starts_with(prefix + ".")) continue;
      read_.insert(name);
      found[name.substr(prefix.size() + 1)] = value;
    }
    return found;
  }

  void RefuseUnknown() const {
    for (const auto& [name, value] : values_) {
      if (!read_.contains(name)) Fail("no such option: " + name);
    }
  }

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> read_;
};

}  // namespace millrace::bench
