#pragma once

#include <pthread.h>

namespace millrace {

// Names the calling thread for tools such as top, at most 15 characters. Where the system cannot, nothing happens.
inline void NameThread([[maybe_unused]] const char* name) {
#ifdef __linux__
  ::pthread_setname_np(::pthread_self(), name);
#endif
}

}  // namespace millrace
