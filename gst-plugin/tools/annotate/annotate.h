// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "plan.h"
#include "property_values.h"
#include "runner.h"

namespace fkp {

/// Settings common to all jobs of a run.
struct Manner {
  PropertyValues detect, overlay;  ///< properties of fkpdetect and fkpoverlay
  std::string model_instance;      ///< under which all jobs share one network
  bool force = false;              ///< overwrite
  bool batch = false;              ///< existing outputs are kept, and videos are finished on Stop::early
  bool verbose = false;
};

struct Done {
  std::string summary;   ///< frames, faces, speed
  std::string remark;    ///< what else the user may want to know; may be empty
  std::string pipeline;  ///< as a shell command
  std::string fault;     ///< what is wrong with the input, although its outputs were written; may be empty
  bool ended_early = false;
};

/// Whether all outputs of the job exist.
bool is_done(const Job& job);

/// Makes a job's outputs. `warn` gets problems that do not end it. Throws Dropped, and std::runtime_error that does not name the input.
Done annotate(const Job& job, const Manner& manner, Live& live, const std::atomic<Stop>& stop,
              const std::function<void(const std::string&)>& warn);

}  // namespace fkp
