// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/sets_page.h"

namespace fkp {
namespace {

constexpr std::size_t kRefusals = 200;  // at most, listed per set

}  // namespace

void show_sets(const std::vector<SetCount>& sets, const std::string& what, Page& page) {
  page.section("Data");
  std::vector<std::vector<std::string>> table{{"set", what + " to train on", "held out to validate", "refused"}};
  for (const SetCount& set : sets)
    table.push_back({set.name, std::to_string(set.train), std::to_string(set.validation), std::to_string(set.refused.size())});
  page.table(table);
  for (const SetCount& set : sets) {
    if (set.refused.empty()) continue;
    std::string lines;
    for (std::size_t i = 0; i < std::min(kRefusals, set.refused.size()); i++)
      lines += set.refused[i].where + ": " + set.refused[i].reason + '\n';
    if (set.refused.size() > kRefusals) lines += "… " + std::to_string(set.refused.size() - kRefusals) + " more\n";
    page.details(set.name + ": " + std::to_string(set.refused.size()) + " refused", lines);
  }
}

}  // namespace fkp
