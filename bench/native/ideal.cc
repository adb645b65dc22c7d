// The floor under every broker on this machine: `load` drives it as it drives Kafka and Millrace.
//
//   ideal [listen=PORT] dir=DIRECTORY [congestion=cubic] [sendfile_min=16384]
//
// Prints `ready 127.0.0.1:PORT` and serves until it is ended. The directory must exist; files are left there.

#include <csignal>

#include "fatal.h"
#include "ideal_server.h"
#include "options.h"

int main(int argc, char** argv) {
  using namespace millrace::bench;
  // sendfile to a client that went away is an error to see, not a signal to die of.
  std::signal(SIGPIPE, SIG_IGN);
  Options options(argc, argv);
  const std::string congestion = options.Text("congestion", "cubic");
  const Address address{"127.0.0.1", static_cast<uint16_t>(options.Integer("listen", 0)), congestion};
  const std::string directory = options.Text("dir", ".");
  IdealServer server({address, directory, options.Integer("sendfile_min", 16 * 1024)});
  options.RefuseUnknown();
  std::printf("ready 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.Run();
}
