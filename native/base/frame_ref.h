#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace millrace {

// Something that keeps bytes alive while references to it exist: a slab block or a heap copy.
// Any thread may call Ref and Unref; whoever drops the last reference frees the bytes.
class BytesOwner {
 public:
  virtual void Ref() noexcept = 0;
  virtual void Unref() noexcept = 0;

 protected:
  ~BytesOwner() = default;
};

// One reference on a BytesOwner. Move-only, so that a reference is never dropped twice. Empty when the bytes
// need no owner.
class FrameRef {
 public:
  FrameRef() noexcept = default;
  // Adopts a reference that the caller already counted.
  explicit FrameRef(BytesOwner* counted) noexcept : owner_(counted) {}
  FrameRef(FrameRef&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  FrameRef& operator=(FrameRef&& other) noexcept {
    if (this != &other) {
      Reset();
      owner_ = std::exchange(other.owner_, nullptr);
    }
    return *this;
  }
  FrameRef(const FrameRef&) = delete;
  FrameRef& operator=(const FrameRef&) = delete;
  ~FrameRef() { Reset(); }

  void Reset() noexcept {
    if (owner_ != nullptr) std::exchange(owner_, nullptr)->Unref();
  }
  explicit operator bool() const noexcept { return owner_ != nullptr; }

 private:
  BytesOwner* owner_ = nullptr;
};

// A private copy of bytes that a script built; freed with its last reference.
class HeapBytes final : public BytesOwner {
 public:
  // The copy and the reference that keeps it: `bytes` stays valid as long as `ref` lives.
  struct Copied {
    std::span<std::byte> bytes;
    FrameRef ref;
  };
  static Copied CopyOf(std::span<const std::byte> source) {
    auto owner = std::unique_ptr<HeapBytes>(new HeapBytes(source.size()));
    if (!source.empty()) std::memcpy(owner->data_.get(), source.data(), source.size());
    std::span<std::byte> bytes(owner->data_.get(), source.size());
    return {bytes, FrameRef(owner.release())};
  }

  void Ref() noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept override {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  explicit HeapBytes(size_t size) : data_(std::make_unique_for_overwrite<std::byte[]>(size)) {}

  std::unique_ptr<std::byte[]> data_;
  std::atomic<uint32_t> references_{1};
};

}  // namespace millrace
