#include "ideal_server.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>

#include "codec/batch_header.h"
#include "fatal.h"

namespace millrace::bench {
namespace {

constexpr size_t kFrameBytesMax = 100 << 20;

}  // namespace

IdealServer::IdealServer(IdealSettings settings)
    : settings_(std::move(settings)), listener_(Listen(settings_.address)), port_(BoundPort(listener_.get())) {
  SetNonBlocking(listener_.get());
  poller_.Add(listener_.get(), static_cast<uint64_t>(listener_.get()), false);
}

void IdealServer::Run() {
  for (;;) {
    const int ready = poller_.Wait(UntilDeadlineNs());
    for (int i = 0; i < ready; ++i) {
      const Poller::Ready event = poller_.ready(i);
      const int fd = static_cast<int>(event.tag);
      if (fd == listener_.get()) {
        Accept();
        continue;
      }
      const auto found = clients_.find(fd);
      if (found == clients_.end()) continue;
      if (event.writable) Flush(*found->second);
      if (event.readable) Receive(*found->second);
    }
    if (!waiting_.empty()) AnswerWaiting(NowNs());
  }
}

void IdealServer::Accept() {
  const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  PrepareSocket(fd, settings_.address.congestion);
  poller_.Add(fd, static_cast<uint64_t>(fd), false);
  clients_[fd] = std::make_unique<Client>(UniqueFd(fd));
}

void IdealServer::Receive(Client& client) {
  const ssize_t n =
      ::recv(client.socket.get(), client.in.data() + client.have, client.in.size() - client.have, 0);
  if (n <= 0) {
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) Forget(client);
    return;
  }
  client.have += static_cast<size_t>(n);
  size_t at = 0;
  while (client.have - at >= 4) {
    const auto size = static_cast<size_t>(LoadUint32(client.in.data() + at));
    if (size > kFrameBytesMax) Fail("a frame that is too large");
    if (client.have - at < 4 + size) {
      if (4 + size > client.in.size()) client.in.resize(4 + size);
      break;
    }
    Handle(client, std::span(client.in.data() + at + 4, size));
    at += 4 + size;
  }
  client.have -= at;
  if (at > 0 && client.have > 0) std::memmove(client.in.data(), client.in.data() + at, client.have);
  Flush(client);
}

void IdealServer::Forget(Client& client) {
  std::erase_if(waiting_, [&](const WaitingFetch& fetch) { return fetch.client == &client; });
  clients_.erase(client.socket.get());
}

void IdealServer::Flush(Client& client) {
  const int fd = client.socket.get();
  bool blocked = false;
  while (!blocked) {
    const bool sliced = client.slice < client.slices.size();
    const size_t until = sliced ? client.slices[client.slice].at : client.out.size();
    ssize_t n = 0;
    if (client.sent < until) {
      const int flags = MSG_NOSIGNAL | (sliced ? MSG_MORE : 0);
      n = ::send(fd, client.out.data() + client.sent, until - client.sent, flags);
      if (n > 0) client.sent += static_cast<size_t>(n);
    } else if (sliced) {
      const Slice& slice = client.slices[client.slice];
      off_t from = slice.position + client.slice_sent;
      n = ::sendfile(fd, slice.fd, &from, static_cast<size_t>(slice.length - client.slice_sent));
      if (n > 0) client.slice_sent += n;
      if (client.slice_sent == slice.length) {
        ++client.slice;
        client.slice_sent = 0;
      }
    } else {
      client.out.Clear();
      client.slices.clear();
      client.sent = client.slice = 0;
      break;
    }
    blocked = n < 0;
  }
  if (blocked == client.armed) return;
  client.armed = blocked;
  poller_.Change(fd, static_cast<uint64_t>(fd), blocked);
}

void IdealServer::Handle(Client& client, std::span<std::byte> frame) {
  WireReader in(frame);
  const auto key = static_cast<ApiKey>(in.Int16());
  in.Int16();
  const int32_t correlation = in.Int32();
  in.String();
  if (key == ApiKey::kProduce) {
    Produce(client, frame, in, correlation);
  } else if (key == ApiKey::kFetch) {
    Fetch(client, in, correlation);
  } else if (key == ApiKey::kListOffsets) {
    ListOffsets(client, in, correlation);
  } else if (key == ApiKey::kMetadata) {
    Metadata(client, in, correlation);
  } else if (key == ApiKey::kCreateTopics) {
    CreateTopic(client, in, correlation);
  } else if (key == ApiKey::kCreatePartitions) {
    CreatePartitions(client, in, correlation);
  } else {
    Fail("an api that `load` does not use");
  }
}

void IdealServer::Produce(Client& client, std::span<std::byte> frame, WireReader& in, int32_t correlation) {
  in.SkipTags();
  in.CompactString();
  const int16_t acks = in.Int16();
  in.Int32();
  in.CompactArray();
  const std::string_view name = in.CompactString();
  in.CompactArray();
  const int32_t index = in.Int32();
  const size_t length = static_cast<size_t>(in.Uvarint()) - 1;
  Topic* topic = FindTopic(name);
  if (!in.ok() || topic == nullptr || length > in.remaining()) Fail("a Produce that `load` does not send");
  const auto batch = frame.subspan(in.position(), length);
  if (Inspect(batch) != Inspection::Valid) Fail("a batch that is not valid");
  IdealLog& log = *topic->partitions.at(static_cast<size_t>(index));
  const int64_t base_offset = log.Append(batch, LoadInt32(batch.data() + 57));
  appended_ = true;
  if (acks == 0) return;
  WireWriter& out = client.out;
  out.BeginFrame();
  out.Int32(correlation);
  out.NoTags();
  out.CompactArray(1);
  out.CompactString(name);
  out.CompactArray(1);
  out.Int32(index);
  out.Int16(0);
  out.Int64(base_offset);
  out.Int64(-1);
  out.Int64(0);
  out.CompactArray(0);
  out.Uvarint(0);
  out.NoTags();
  out.NoTags();
  out.Int32(0);
  out.NoTags();
  out.EndFrame();
}

void IdealServer::Fetch(Client& client, WireReader& in, int32_t correlation) {
  in.SkipTags();
  in.Int32();
  WaitingFetch fetch{};
  fetch.client = &client;
  fetch.correlation = correlation;
  fetch.deadline_ns = NowNs() + int64_t{in.Int32()} * 1'000'000;
  fetch.min_bytes = in.Int32();
  fetch.max_bytes = in.Int32();
  in.Skip(9);
  in.CompactArray();
  fetch.topic = FindTopic(in.CompactString());
  for (int64_t left = in.CompactArray(); left > 0; --left) {
    WantedPartition wanted{};
    wanted.index = in.Int32();
    in.Int32();
    wanted.offset = in.Int64();
    in.Skip(12);
    wanted.max_bytes = in.Int32();
    in.SkipTags();
    fetch.partitions.push_back(wanted);
  }
  if (!in.ok() || fetch.topic == nullptr) Fail("a Fetch that `load` does not send");
  if (Ready(fetch)) {
    Answer(fetch);
  } else {
    waiting_.push_back(std::move(fetch));
  }
}

bool IdealServer::Ready(const WaitingFetch& fetch) const {
  int64_t bytes = 0;
  for (const WantedPartition& wanted : fetch.partitions) {
    const IdealLog& log = *fetch.topic->partitions.at(static_cast<size_t>(wanted.index));
    bytes += log.Find(wanted.offset, wanted.max_bytes).length;
    if (bytes >= fetch.min_bytes) return true;
  }
  return false;
}

void IdealServer::Answer(const WaitingFetch& fetch) {
  Client& client = *fetch.client;
  WireWriter& out = client.out;
  size_t sliced = 0;
  int64_t budget = fetch.max_bytes;
  out.BeginFrame();
  out.Int32(fetch.correlation);
  out.NoTags();
  out.Int32(0);
  out.Int16(0);
  out.Int32(0);
  out.CompactArray(1);
  out.CompactString(fetch.topic->name);
  out.CompactArray(fetch.partitions.size());
  for (const WantedPartition& wanted : fetch.partitions) {
    const IdealLog& log = *fetch.topic->partitions[static_cast<size_t>(wanted.index)];
    IdealLog::Range range{};
    if (budget > 0) range = log.Find(wanted.offset, std::min<int64_t>(wanted.max_bytes, budget));
    budget -= range.length;
    out.Int32(wanted.index);
    out.Int16(0);
    out.Int64(log.end_offset());
    out.Int64(log.end_offset());
    out.Int64(0);
    out.Uvarint(0);
    out.Int32(-1);
    out.Uvarint(static_cast<uint64_t>(range.length) + 1);
    if (range.length >= settings_.sendfile_bytes_min) {
      client.slices.push_back({out.size(), log.fd(), range.position, range.length});
      sliced += static_cast<size_t>(range.length);
    } else if (range.length > 0) {
      const auto length = static_cast<size_t>(range.length);
      Must("pread", ::pread(log.fd(), out.Extend(length), length, range.position));
    }
    out.NoTags();
  }
  out.NoTags();
  out.NoTags();
  out.EndFrame(sliced);
}

void IdealServer::AnswerWaiting(int64_t now) {
  // Only an append or a deadline can change what a waiting fetch would be answered.
  const bool appended = std::exchange(appended_, false);
  std::vector<Client*> answered;
  std::erase_if(waiting_, [&](const WaitingFetch& fetch) {
    if (now < fetch.deadline_ns && !(appended && Ready(fetch))) return false;
    Answer(fetch);
    answered.push_back(fetch.client);
    return true;
  });
  for (Client* client : answered) Flush(*client);
}

int64_t IdealServer::UntilDeadlineNs() const {
  if (waiting_.empty()) return -1;
  int64_t first = waiting_.front().deadline_ns;
  for (const WaitingFetch& fetch : waiting_) first = std::min(first, fetch.deadline_ns);
  return std::max<int64_t>(0, first - NowNs());
}

}  // namespace millrace::bench
