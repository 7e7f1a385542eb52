// SPDX-License-Identifier: LGPL-2.1-or-later
#include <memory>
#include <set>

#include "commands/commands.h"
#include "page/comparison_page.h"
#include "whole_file.h"

namespace fkp {

void add_compare(CLI::App& app) {
  struct Arguments {
    std::vector<std::string> runs;
    std::string page;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("compare", "Put runs side by side on one page");
  command->add_option("RUN", arguments->runs, "folders of runs")->required();
  command->add_option("-o,--output", arguments->page, "page to write (HTML)")->required();
  command->footer("Example: fkp-train compare runs/small runs/large -o page.html");
  command->callback([arguments] {
    std::vector<RunRecord> runs;
    std::set<std::string> names;
    bool distinct = true;
    for (const std::string& folder : arguments->runs) {
      runs.push_back(read_run(folder));
      distinct &= names.insert(runs.back().name).second;
    }
    for (std::size_t i = 0; i < runs.size() && !distinct; i++) runs[i].name = arguments->runs[i];
    write_bytes(arguments->page, comparison_page("Comparison", std::move(runs)));
  });
}

}  // namespace fkp
