// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <memory>

#include "commands/commands.h"
#include "data/submission.h"
#include "fkp/core/error.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string data, file, device = "auto";
  std::vector<std::string> models;
  bool force = false;
};

void submit(const Arguments& a) {
  require_free(a.file, a.force);
  const KaggleTest test = read_kaggle_test(a.data);
  std::vector<std::unique_ptr<KeypointNet>> nets;
  for (const std::string& model : a.models) nets.push_back(std::make_unique<KeypointNet>(KeypointNetOptions{model, a.device}));
  const std::vector<double> answers = answers_to(test, nets);
  write_submission(test, answers, a.file);
  std::printf("%s: %zu coordinates of %zu pictures\n", a.file.c_str(), answers.size(), test.pictures.size());
  const fs::path solution = fs::path(a.data) / "Solution.csv";
  if (!fs::exists(solution)) return;
  for (const auto& [column, error] : errors_of(test, answers, solution))
    std::printf("%-26s %6.3f\n", column.empty() ? "RMSE, pixels" : column.c_str(), error);
}

}  // namespace

void add_submit(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("submit", "Answer the test part of Kaggle's Facial Keypoints Detection");
  command->add_option("--data", arguments->data, "folder with test.csv and IdLookupTable.csv; the error is told where Solution.csv is")
      ->required();
  command
      ->add_option("--model", arguments->models,
                   "file, or name in FKP_MODEL_PATH; several where each knows some of the points, the first that does answers")
      ->required()
      ->allow_extra_args(false);
  command->add_option("-o,--output", arguments->file, "the submission")->required();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_flag("--force", arguments->force, "overwrite");
  command->footer("Example: fkp-train submit --data kaggle --model runs/002-cnn/model.pt -o submission.csv");
  command->callback([arguments] { submit(*arguments); });
}

}  // namespace fkp
