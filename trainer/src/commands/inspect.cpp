// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/inspect.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/commands.h"
#include "drawing.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "readers/readers.h"

namespace fkp {
namespace {

double rounded(double value) { return std::round(value * 10) / 10; }

nlohmann::ordered_json json_of(const Spread& s) { return {rounded(s.least), rounded(s.median), rounded(s.most)}; }

nlohmann::ordered_json json_of(const std::string& source, const SetFacts& f, const std::vector<Refusal>& refused, const Scheme& scheme) {
  nlohmann::ordered_json json{{"set", source},
                              {"scheme", scheme.name},
                              {"faces", f.faces},
                              {"groups", f.groups},
                              {"known", rounded(f.known)},
                              {"width", json_of(f.width)},
                              {"height", json_of(f.height)},
                              {"side", json_of(f.side)},
                              {"roll", json_of(f.roll)},
                              {"missing", nlohmann::ordered_json::object()},
                              {"refused", nlohmann::ordered_json::array()}};
  for (std::size_t k = 0; k < f.missing.size(); k++)
    if (f.missing[k] > 0) json["missing"][scheme.point_names[k]] = rounded(f.missing[k]);
  for (const Refusal& r : refused) json["refused"].push_back({{"where", r.where}, {"reason", r.reason}});
  return json;
}

void print(const std::string& source, const SetFacts& f, const std::vector<Refusal>& refused, const Scheme& scheme) {
  std::printf("%s: %d faces of %s in %d groups that are never split, %zu refused\n", source.c_str(), f.faces, scheme.name.c_str(), f.groups,
              refused.size());
  const auto line = [](const char* what, const Spread& s) { std::printf("  %-28s %8.1f %8.1f %8.1f\n", what, s.least, s.median, s.most); };
  std::printf("  %-28s %8s %8s %8s\n", "", "least", "median", "most");
  line("picture's width", f.width);
  line("picture's height", f.height);
  line("face box's side", f.side);
  line("roll, degrees", f.roll);
  if (f.known < 100) {
    std::printf("  %.1f %% of the points are known; missing, percent of the faces:", f.known);
    for (std::size_t k = 0; k < f.missing.size(); k++)
      if (f.missing[k] > 0) std::printf(" %s %.1f", scheme.point_names[k].c_str(), f.missing[k]);
    std::printf("\n");
  }
  for (const Refusal& r : refused) std::printf("  refused: %s: %s\n", r.where.c_str(), r.reason.c_str());
}

}  // namespace

void add_inspect(CLI::App& app) {
  struct Arguments {
    std::string data, scheme, sheet;
    int count = 96;
    bool augmented = false, json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("inspect", "Show what sets of faces hold, and what of them is refused and why; of a recipe also its network");
  command->add_option("DATA", arguments->data, "KIND:PATH as in a recipe, or a recipe, whose network and sets are shown")->required();
  command->add_option("--scheme", arguments->scheme, "of the points [what such sets mostly have]");
  command->add_option("-o,--output", arguments->sheet, "contact sheet to write, .png or .jpg");
  command->add_option("--count", arguments->count, "faces on the sheet")->check(above_zero())->capture_default_str();
  command->add_flag("--augmented", arguments->augmented, "turn, shift and spoil the faces on the sheet as the recipe does");
  command->add_flag("--json", arguments->json, "print one JSON object a set");
  command->footer(
      "Examples: fkp-train inspect asf:imm-frontal -o sheet.png\n"
      "          fkp-train inspect trainer/recipes/fkp68.toml --augmented -o sheet.jpg");
  command->callback([arguments] {
    const FaceSets sets = face_sets_of(arguments->data, arguments->scheme);
    if (!arguments->json) std::cout << sets.network << std::flush;
    std::vector<Sample> all;
    for (const std::string& source : sets.sources) {
      Dataset data = read_dataset(source, sets.root, sets.scheme);
      const SetFacts facts = facts_of(data.samples, sets.scheme);
      if (arguments->json)
        std::cout << json_of(source, facts, data.refused, sets.scheme).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  << '\n';
      else
        print(source, facts, data.refused, sets.scheme);
      std::move(data.samples.begin(), data.samples.end(), std::back_inserter(all));
    }
    if (!arguments->sheet.empty())
      write_picture(contact_sheet(all, sets.scheme, arguments->count, arguments->augmented ? &sets.augment : nullptr), arguments->sheet);
  });
}

}  // namespace fkp
