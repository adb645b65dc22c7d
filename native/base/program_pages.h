#pragma once

namespace millrace {

// Lets go of the pages of this process's programs (the executable and its libraries) that only starting up needed:
// their mappings are emptied, and whatever runs on takes its own back from the page cache. Only segments that were
// never writable, so nothing is lost; no file is read anew unless the system wanted the memory. Any thread.
void ReleaseProgramPages();

}  // namespace millrace
