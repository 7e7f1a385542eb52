// SPDX-License-Identifier: LGPL-2.1-or-later
#include <iterator>
#include <memory>

#include "commands/commands.h"
#include "data/kaggle.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "readers/readers.h"

namespace fkp {

void add_convert(CLI::App& app) {
  struct Arguments {
    std::vector<std::string> data;
    std::string to, folder, scheme = "ibug-68";
    KaggleOptions options;
    bool force = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("convert", "Write sets of faces in another format");
  command->add_option("DATA", arguments->data, "KIND:PATH as in a recipe")->required();
  command->add_option("--to", arguments->to, "kaggle: the files of Kaggle's Facial Keypoints Detection")
      ->required()
      ->check(CLI::IsMember({"kaggle"}));
  command->add_option("-o,--output", arguments->folder, "folder to write to")->required();
  command->add_option("--scheme", arguments->scheme, "of the sets' points")->capture_default_str();
  command->add_option("--test", arguments->options.test, "share of people and pictures that become the test part")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--withheld", arguments->options.withheld, "share of the rows that keep four points alone")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--seed", arguments->options.seed, "of what is left to chance")->capture_default_str();
  command->add_flag("--force", arguments->force, "overwrite");
  command->footer(
      "Example: fkp-train convert --to kaggle ibug:300w/lfpw/trainset csv:youtube-faces/training_frames_keypoints.csv -o kaggle");
  command->callback([arguments] {
    const std::filesystem::path folder = arguments->folder;
    require_free(folder / "training.csv", arguments->force);
    const Scheme& points = scheme(arguments->scheme);
    std::vector<Sample> all;
    for (const std::string& source : arguments->data) {
      Dataset data = read_dataset(source, ".", points);
      tell(source, data.samples.size(), "faces", data.refused);
      std::move(data.samples.begin(), data.samples.end(), std::back_inserter(all));
    }
    write_kaggle(all, points, arguments->options, folder);
  });
}

}  // namespace fkp
