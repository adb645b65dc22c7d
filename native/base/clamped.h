#pragma once

#include <cmath>
#include <limits>

namespace millrace {

// Numbers cross the door as doubles. What lies beyond an integer's range becomes its limit; no number is 0.
template <typename Integer>
Integer Clamped(double number) {
  if (std::isnan(number)) return 0;
  if (number >= static_cast<double>(std::numeric_limits<Integer>::max())) return std::numeric_limits<Integer>::max();
  if (number <= static_cast<double>(std::numeric_limits<Integer>::min())) return std::numeric_limits<Integer>::min();
  return static_cast<Integer>(number);
}

}  // namespace millrace
