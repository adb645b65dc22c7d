#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "io/recent_bytes.h"

namespace millrace {

// A range of a file inside a reply. The owner keeps the descriptor open although the file may be deleted
// meanwhile.
struct FileSlice {
  std::shared_ptr<const void> owner;
  int fd = -1;
  int64_t position = 0;
  int64_t length = 0;
  // Where the same bytes are kept in memory, if they still are.
  int64_t recent = RecentBytes::kNowhere;
};

// Scratch memory for gathering small slices; one per reactor, shared by its connections.
class GatherBuffer {
 public:
  static constexpr size_t kBytes = 256 * 1024;
  explicit GatherBuffer(const RecentBytes* recent = nullptr) : recent_(recent) {}
  std::span<std::byte> bytes() { return {bytes_.get(), kBytes}; }
  // Copies the whole slice from memory, false when it must be read from its file.
  bool Recall(const FileSlice& slice, std::span<std::byte> into) const {
    return slice.recent >= 0 && recent_ != nullptr && recent_->Read(slice.recent, into);
  }

 private:
  const RecentBytes* recent_;
  std::unique_ptr<std::byte[]> bytes_ = std::make_unique_for_overwrite<std::byte[]>(kBytes);
};

// The unsent bytes and file slices of one connection, in order. Reactor thread.
//
// The ladder: bytes of replies coalesce; bytes and the small slices between them, copied into the gather buffer from
// memory where they are kept there and read from the file otherwise, leave in one send; slices from kSendFileBytesMin
// on leave by sendfile. What the socket does not take stays and is sent when it is writable again. Nothing is read from
// a file that could block: a range that is not in the page cache stops the queue until a helper has read it.
class SendQueue {
 public:
  // Below this size a copy is cheaper than a sendfile call of its own.
  static constexpr int64_t kSendFileBytesMin = 16 * 1024;
  // One sendfile call; also the range that is probed and read ahead at once.
  static constexpr size_t kSendFileBytesMax = 512 * 1024;
  // One connection's share of a turn; the rest waits for the next turn so that others are served.
  static constexpr size_t kTurnBytesMax = 512 * 1024;

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
  void WarmedUp() {
    warm_bytes_ = cold_.length;
    wary_bytes_ = kWaryBytes;
  }

  const FileSlice& cold() const { return cold_; }
  int error() const { return error_; }
  // Unsent bytes, slices counted.
  size_t bytes() const { return unsent_; }
  bool empty() const { return unsent_ == 0; }

 private:
  // Goes before the byte at `at`; what is left of it.
  struct Insertion {
    size_t at;
    FileSlice slice;
    bool large() const { return slice.length >= kSendFileBytesMin; }
  };
  static constexpr size_t kBytesKept = 4096;
  // Whoever met a cold range goes on reading what the kernel is fetching for it, and would wait in sendfile for a page
  // that is there but not filled. A reader the disk holds up meets the next cold range long before so many bytes.
  static constexpr int64_t kWaryBytes = 64 << 20;
  static constexpr size_t kSlicesKept = 64;

  bool AtLargeSlice() const { return head_ < slices_.size() && slices_[head_].at == sent_ && slices_[head_].large(); }
  Outcome SendBytes(int socket, GatherBuffer& gather, size_t& sent);
  Outcome SendSlice(int socket, size_t& sent);
  // Whether so much of the slice leaves without waiting for the disk.
  bool Warm(const FileSlice& slice, int64_t length) const;
  // What the next send takes: bytes as they lie, or bytes and small slices in the gather buffer.
  struct Gathered {
    std::span<const std::byte> bytes;
    // The slice behind them is not in the page cache.
    bool cold = false;
    int error = 0;
  };
  Gathered Gather(GatherBuffer& gather) const;
  void Consume(size_t bytes);
  void MakeRoom(size_t bytes);
  void Recycle();
  Outcome Fail(int error) {
    error_ = error;
    return Outcome::kFailed;
  }

  // The bytes of all replies without their slices; those before `sent_` have left.
  std::vector<std::byte> bytes_;
  size_t sent_ = 0;
  // Ascending; those before `head_` have left.
  std::vector<Insertion> slices_;
  size_t head_ = 0;
  size_t unsent_ = 0;
  FileSlice cold_;
  int64_t warm_bytes_ = 0;
  int64_t wary_bytes_ = 0;
  int error_ = 0;
};

}  // namespace millrace
