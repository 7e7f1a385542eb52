// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace fkp {

/// Which of the processes that train one network this one is: a worker, by its rank.
struct Place {
  int rank = 0, size = 1;
  int beside = 1;          ///< workers on this machine, this one included
  int turn = 0;            ///< its number among these
  std::string address;     ///< where they meet
  std::uint16_t port = 0;  ///<
  std::string prefix;      ///< of their keys, where torchrun keeps the store there; else rank 0 does
};

/// As torchrun, mpirun or whoever started it says in the environment (docs/distributed.md); alone where nothing is said. Throws Error
/// (settings).
Place place_in_environment();

/// Another worker is gone, or ended: which, and why.
struct LostWorker : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fkp
