// Goal: appends that are staged are written by the caller where that is short, by a lane where it is not, and in
// order in either case.
#include <fcntl.h>

#include "check.h"
#include "log/fixture.h"

using namespace millrace;
using namespace millrace::test;

namespace {

OpenOptions In(const check::TempDirectory& directory) {
  OpenOptions options;
  options.directory = directory / "topic-0";
  return options;
}

// The `.log` is open from the first append on.
LogHandle OpenWarm(World& world, const OpenOptions& options) {
  const LogHandle log = world.Open(options).log;
  CHECK(world.Append(log, {.base_offset = 0}));
  return log;
}

}  // namespace

TEST(AShortAppendIsWrittenByTheCaller) {
  check::TempDirectory directory;
  World world;
  const LogHandle log = OpenWarm(world, In(directory));
  // The lane may still be busy with saying that it is done.
  for (int64_t offset = 1;; offset += 2) {
    auto first = world.Stage(log, {.base_offset = offset});
    auto second = world.Stage(log, {.base_offset = offset + 1});
    CHECK(!first->Fired());
    world.store.Dispatch();
    const bool here = first->Fired() && second->Fired();
    CHECK(first->Wait() && second->Wait());
    CHECK_EQ(world.recorder.appended(log), offset + 2);
    if (here) break;
    REQUIRE(offset < 100'000);
  }
  CHECK(!world.recorder.order_broken());
}

TEST(ARollASyncAndALargeAppendAreLeftToTheLane) {
  check::TempDirectory directory;
  World world;
  OpenOptions options = In(directory);
  options.log.segment_bytes = 1000;
  const LogHandle log = OpenWarm(world, options);
  auto rolls = world.Stage(log, {.base_offset = 1, .payload = 900});
  world.store.Dispatch();
  CHECK(rolls->Wait());
  CHECK_EQ(world.recorder.rolled().size(), size_t{1});
  options.log.segment_bytes = 1 << 30;
  options.log.flush_messages = 1;
  world.store.Configure(log, options.log);
  auto syncs = world.Stage(log, {.base_offset = 2});
  world.store.Dispatch();
  CHECK(syncs->Wait());
  options.log.flush_messages = INT64_MAX;
  world.store.Configure(log, options.log);
  auto large = world.Stage(log, {.base_offset = 3, .payload = 1 << 20});
  world.store.Dispatch();
  CHECK(large->Wait());
  CHECK_EQ(world.recorder.appended(log), int64_t{4});
}

TEST(StagedAppendsKeepTheirOrderAmongVerbs) {
  check::TempDirectory directory;
  World world;
  const LogHandle log = OpenWarm(world, In(directory));
  for (int64_t offset = 1; offset < 2000; offset += 4) {
    auto first = world.Stage(log, {.base_offset = offset});
    if (offset % 3 == 0) world.store.Flush(log, 1'000'000 + static_cast<uint32_t>(offset));
    auto second = world.Stage(log, {.base_offset = offset + 1, .records = 3});
    world.store.Dispatch();
    if (offset % 5 == 0) CHECK(first->Wait() && second->Wait());
  }
  CHECK(world.Append(log, {.base_offset = 2001}));
  CHECK(world.recorder.failures().empty());
  CHECK(!world.recorder.order_broken());
}

TEST(AStaleHandleRefusesAtOnce) {
  World world;
  auto refused = world.Stage(17, {.base_offset = 0});
  CHECK(refused->Fired());
  CHECK(!refused->Wait());
  world.store.Dispatch();
}

CHECK_MAIN()
