// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

namespace fkp::test {

/// Writes a TorchScript model whose forward(self, x) has the given body (indented Python), with `json` inside as fkp.json
/// unless it is empty.
void write_model(const std::filesystem::path& file, const std::string& body, const std::string& json);

/// The description of a model with 32-pixel crops and the scheme mtfl-5.
inline const std::string kFivePoints = R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 1.0}})";

}  // namespace fkp::test
