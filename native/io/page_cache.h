#pragma once

#include <cstdint>

namespace millrace {

// Whether reading the range would not wait for the disk, as far as the system can tell without reading it: asked of
// the page cache where Linux knows how (6.5), else of the first and last byte, for read-ahead and eviction move in
// runs. Where nothing can be asked everything counts as cached. Any thread.
bool IsCached(int file, int64_t position, int64_t length);
// The same when the range may be on its way from the disk. The page cache has a page from the moment its read is asked
// for, and whoever sends it then waits for the disk; reads of a run end in order, so the last byte tells of those
// before. It is read to know, which costs a cache miss more.
bool IsFilled(int file, int64_t position, int64_t length);

}  // namespace millrace
