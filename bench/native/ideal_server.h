#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ideal_log.h"
#include "messages.h"
#include "sockets.h"

namespace millrace::bench {

struct IdealSettings {
  Address address;
  std::string directory;
  // Slices of at least so many bytes leave by sendfile, smaller ones are read into the reply.
  int64_t sendfile_bytes_min;
};

// What any broker must do for a byte and nothing else: receive, check the CRC, write to the page cache, answer;
// find, send. One thread, no sessions, no retention, no configuration, no authorisation, trusted clients. The
// distance between it and a broker is what the broker's own work costs.
class IdealServer {
 public:
  explicit IdealServer(IdealSettings settings);
  uint16_t port() const { return port_; }
  // Serves until the process is ended.
  [[noreturn]] void Run();

 private:
  static constexpr size_t kReceiveBytes = 1 << 20;

  struct Topic {
    std::string name;
    std::vector<std::unique_ptr<IdealLog>> partitions;
  };
  struct Slice {
    // Bytes of the reply stream that leave before it.
    size_t at;
    int fd;
    int64_t position;
    int64_t length;
  };
  struct Client {
    explicit Client(UniqueFd fd) : socket(std::move(fd)), in(kReceiveBytes) {}
    UniqueFd socket;
    std::vector<std::byte> in;
    size_t have = 0;
    WireWriter out;
    size_t sent = 0;
    std::vector<Slice> slices;
    size_t slice = 0;
    int64_t slice_sent = 0;
    bool armed = false;
  };
  struct WantedPartition {
    int32_t index;
    int64_t offset;
    int32_t max_bytes;
  };
  struct WaitingFetch {
    Client* client;
    Topic* topic;
    int32_t correlation;
    int32_t min_bytes;
    int32_t max_bytes;
    int64_t deadline_ns;
    std::vector<WantedPartition> partitions;
  };

  void Accept();
  void Receive(Client& client);
  void Forget(Client& client);
  void Flush(Client& client);
  void Handle(Client& client, std::span<std::byte> frame);
  void Produce(Client& client, std::span<std::byte> frame, WireReader& in, int32_t correlation);
  void Fetch(Client& client, WireReader& in, int32_t correlation);
  bool Ready(const WaitingFetch& fetch) const;
  void Answer(const WaitingFetch& fetch);
  void AnswerWaiting(int64_t now);
  void CreateTopic(Client& client, WireReader& in, int32_t correlation);
  void CreatePartitions(Client& client, WireReader& in, int32_t correlation);
  void Extend(Topic& topic, int32_t partitions);
  void Metadata(Client& client, WireReader& in, int32_t correlation);
  void ListOffsets(Client& client, WireReader& in, int32_t correlation);
  Topic* FindTopic(std::string_view name);
  int64_t UntilDeadlineNs() const;

  const IdealSettings settings_;
  UniqueFd listener_;
  const uint16_t port_;
  Poller poller_;
  std::map<int, std::unique_ptr<Client>> clients_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::vector<WaitingFetch> waiting_;
  bool appended_ = false;
};

}  // namespace millrace::bench
