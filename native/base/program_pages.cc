#include "base/program_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace millrace {
namespace {

int ReleaseReadOnlySegments(dl_phdr_info* program, size_t, void*) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    // Whole pages: the first and the last may be shared with a segment that is written.
    const uintptr_t begin = (program->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
    const uintptr_t end = (program->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
    // A refusal (locked memory) leaves them where they are.
    if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void ReleaseProgramPages() { ::dl_iterate_phdr(ReleaseReadOnlySegments, nullptr); }

}  // namespace millrace
