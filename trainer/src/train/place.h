// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace fkp {

/// Which of the workers, the processes that train one network, this process is.
struct Place {
  int rank = 0, size = 1;  ///< size: the world size
  int beside = 1;          ///< number of workers on this machine, this one included
  int turn = 0;            ///< its rank among these
  std::string address;     ///< of the store where the workers meet
  std::uint16_t port = 0;  ///< of that store
  std::string prefix;      ///< of their keys in the store, if torchrun hosts it; empty: rank 0 hosts it
};

/// From the environment variables set by torchrun, mpirun or another launcher (docs/distributed.md); a single process if there are
/// none. Throws Error (settings).
Place place_in_environment();

/// Another worker is lost, or ended: which one, and why.
struct LostWorker : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fkp
