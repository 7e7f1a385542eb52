// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <memory>

#include "commands/commands.h"
#include "fkp/core/scheme.h"

namespace fkp {

void add_schemes(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  auto* command = app.add_subcommand("schemes", "List the keypoint schemes, or the points of one");
  command->add_option("NAME", *name, "of a scheme");
  command->footer("Example: fkp-train schemes ibug-68");
  command->callback([name] {
    if (name->empty()) {
      for (const Scheme& s : schemes()) std::printf("%-10s %3d points\n", s.name.c_str(), s.size());
      return;
    }
    const Scheme& s = scheme(*name);
    for (int i = 0; i < s.size(); i++) std::printf("%3d  %-24s mirrored %d\n", i, s.point_names[i].c_str(), s.mirror[i]);
  });
}

}  // namespace fkp
