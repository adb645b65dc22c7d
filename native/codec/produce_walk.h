#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

// Values are those of FrameVerdict in engine.ts.
enum class FrameVerdict : int32_t { Unchecked = 0, Verified = 1, Failed = 2 };

// Checks the record batches of a request frame (size prefix not included) while its bytes are in cache.
//
// Produce requests v3 to v13 are walked to their `records` fields, and each must hold exactly one whole
// magic-2 batch with a matching CRC-32C. Anything the walk cannot follow is Failed, never a guess: the script
// then decodes the frame itself and asks for each batch. Other requests are Unchecked. Any thread; reads no
// byte outside `frame` and takes time linear in its length.
FrameVerdict WalkProduce(std::span<const std::byte> frame);

}  // namespace millrace
