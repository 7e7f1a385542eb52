// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models.h"

#include <torch/script.h>

namespace fkp::test {

void write_model(const std::filesystem::path& file, const std::string& body, const std::string& json) {
  torch::jit::Module module("test");
  module.define("def forward(self, x):\n" + body + "\n");
  torch::jit::ExtraFilesMap extra;
  if (!json.empty()) extra["fkp.json"] = json;
  module.save(file.string(), extra);
}

}  // namespace fkp::test
