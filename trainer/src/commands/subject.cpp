// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/commands.h"
#include "fkp/core/error.h"

namespace fkp {

void require_free(const std::filesystem::path& file, bool force) {
  if (std::filesystem::exists(file) && !force)
    throw Error(ErrorKind::unwritable, file.string() + " is there already; --force overwrites it");
}

std::string detector_beside(const std::string& model) {
  const std::string name = NetDetectorOptions().model;
  const auto beside = std::filesystem::path(model).replace_filename(name + ".pt");
  return std::filesystem::exists(beside) ? beside.string() : name;
}

void add_subject(CLI::App& command, Subject& s, const std::string& data) {
  command.add_option("--model", s.model, "file, or name in FKP_MODEL_PATH")->required();
  command.add_option("--data", s.data, data)->required();
  command.add_option("--every", s.every, "of the pictures or faces, the first and every Nth after it")->check(above_zero());
  command.add_option("--detect-size", s.detect_size, "longest side given to a face detector, pixels [the model's own]");
  command.add_option("--device", s.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--precision", s.precision, "fp32, bf16 or auto")->capture_default_str();
  command.add_option("--threads", s.threads, "processor threads")->check(CLI::Range(1, 64))->capture_default_str();
}

}  // namespace fkp
