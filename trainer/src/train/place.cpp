// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/place.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "fkp/core/error.h"

namespace fkp {
namespace {

/// The environment variables of a launcher.
struct Names {
  const char *rank, *size, *beside, *turn;
};

constexpr Names kNames[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK"},                                                      // torchrun
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},  // Open MPI
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", "MPI_LOCALRANKID"}};                                               // MPICH, Slurm

const char* value_of(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : nullptr;
}

std::optional<int> number_in(const char* name) {
  const char* text = value_of(name);
  if (!text) return std::nullopt;
  int number = 0;
  const auto [end, failure] = std::from_chars(text, text + std::strlen(text), number);
  if (failure != std::errc() || *end) throw Error(ErrorKind::settings, std::string(name) + "=" + text + " is no whole number");
  return number;
}

}  // namespace

Place place_in_environment() {
  Place place;
  const Names* names = nullptr;
  for (const Names& n : kNames)
    if (!names && value_of(n.size)) names = &n;
  if (!names) return place;
  place.size = *number_in(names->size);
  if (place.size == 1) return place;
  const auto rank = number_in(names->rank), port = number_in("MASTER_PORT");
  if (place.size < 1 || !rank || *rank < 0 || *rank >= place.size)
    throw Error(ErrorKind::settings, std::string(names->rank) + " is to lie from 0 to " + names->size + " − 1");
  place.rank = *rank;
  place.beside = number_in(names->beside).value_or(1);
  place.turn = number_in(names->turn).value_or(0);
  const char* address = value_of("MASTER_ADDR");
  if (!address || !port || *port < 1 || *port > UINT16_MAX)
    throw Error(ErrorKind::settings, "MASTER_ADDR and MASTER_PORT must name the machine of worker 0 and a free port there");
  place.address = address;
  place.port = static_cast<std::uint16_t>(*port);
  const char *agent = value_of("TORCHELASTIC_USE_AGENT_STORE"), *attempt = value_of("TORCHELASTIC_RESTART_COUNT");
  if (agent && std::strcmp(agent, "True") == 0) place.prefix = std::string("/worker/attempt_") + (attempt ? attempt : "0");
  return place;
}

}  // namespace fkp
