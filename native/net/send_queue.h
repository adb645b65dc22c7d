#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"

namespace millrace {

// A range of a file inside a reply. The owner keeps the descriptor open although the file may be deleted
// meanwhile.
struct FileSlice {
  std::shared_ptr<const void> owner;
  int fd = -1;
  int64_t position = 0;
  int64_t length = 0;
};

// Scratch memory for gathering small slices; one per reactor, shared by its connections.
class GatherBuffer {
 public:
  static constexpr size_t kBytes = 256 * 1024;
  std::span<std::byte> bytes() { return {bytes_.get(), kBytes}; }

 private:
  std::unique_ptr<std::byte[]> bytes_ = std::make_unique_for_overwrite<std::byte[]>(kBytes);
};

// The unsent bytes and file slices of one connection, in order. Reactor thread.
//
// The ladder: replies of one turn coalesce into one buffer; buffers and small slices (read into the gather
// buffer) leave in one vectored send; slices from kSendFileBytesMin on leave by sendfile. What the socket does
// not take stays and is sent when it is writable again. Nothing is read from a file that could block: a range
// that is not in the page cache stops the queue until a helper has read it.
class SendQueue {
 public:
  // Below this size a copy is cheaper than a sendfile call of its own.
  static constexpr int64_t kSendFileBytesMin = 16 * 1024;
  // One sendfile call; also the range that is probed and read ahead at once.
  static constexpr size_t kSendFileBytesMax = 512 * 1024;
  // One connection's share of a turn; the rest waits for the next turn so that others are served.
  static constexpr size_t kTurnBytesMax = 4 * 1024 * 1024;

  enum class Outcome { kEmpty, kBlocked, kYield, kCold, kFailed };

  SendQueue() = default;
  SendQueue(SendQueue&&) = default;

  void Append(std::span<const std::byte> bytes);
  void Append(FileSlice slice);

  // Sends what the socket takes. kBlocked: wait for writability. kYield: call again next turn. kCold: the range
  // `cold()` must be read by a helper, then WarmedUp. kFailed: `error()` tells why, the connection is over.
  Outcome Flush(int socket, GatherBuffer& gather);
  // The cold range was read; it is sent without asking again, so that a page cache that evicts at once cannot
  // stop the queue for ever.
  void WarmedUp() { warm_bytes_ = cold_.length; }

  const FileSlice& cold() const { return cold_; }
  int error() const { return error_; }
  // Unsent bytes, slices counted.
  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  // Coalesced bytes, or a slice when `slice.fd` is valid.
  struct Part {
    std::vector<std::byte> data;
    size_t sent = 0;
    FileSlice slice;
    bool is_slice() const { return slice.fd >= 0; }
    size_t left() const { return is_slice() ? static_cast<size_t>(slice.length) : data.size() - sent; }
  };
  static constexpr size_t kCoalesceBytesMax = 64 * 1024;
  static constexpr size_t kPartsKept = 64;
  static constexpr size_t kBytesKept = 4096;

  bool IsLargeSlice(const Part& part) const {
    return part.is_slice() && part.slice.length >= kSendFileBytesMin;
  }
  Outcome SendGathered(int socket, GatherBuffer& gather, size_t& sent);
  Outcome SendSlice(int socket, size_t& sent);
  void Consume(size_t bytes);
  void Recycle();
  Outcome Fail(int error) {
    error_ = error;
    return Outcome::kFailed;
  }

  std::vector<Part> parts_;
  // The storage of the last small buffer, for the next reply.
  std::vector<std::byte> spare_;
  size_t head_ = 0;
  size_t bytes_ = 0;
  FileSlice cold_;
  int64_t warm_bytes_ = 0;
  int error_ = 0;
};

}  // namespace millrace
