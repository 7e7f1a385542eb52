// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/commands.h"

namespace fkp {

void add_subject(CLI::App& command, Subject& s, const char* data) {
  command.add_option("--model", s.model, "file, or name in FKP_MODEL_PATH")->required();
  command.add_option("--data", s.data, data)->required();
  command.add_option("--every", s.every, "of the pictures, the first and every Nth after it (face detectors)")->check(CLI::PositiveNumber);
  command.add_option("--detect-size", s.detect_size, "longest side given to a face detector, pixels [the model's own]");
  command.add_option("--device", s.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--precision", s.precision, "fp32, bf16 or auto")->capture_default_str();
  command.add_option("--threads", s.threads, "processor threads")->capture_default_str();
}

}  // namespace fkp
