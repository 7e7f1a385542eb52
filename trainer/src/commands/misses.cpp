// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/misses.h"

#include <memory>

#include "commands/commands.h"
#include "measure/evaluate_faces.h"
#include "readers/readers.h"

namespace fkp {

void add_misses(CLI::App& app) {
  struct Arguments {
    Subject subject;
    std::string sheet;
    float threshold = 0.5f;
    int count = 48;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("misses", "Draw the largest faces that a face detector missed, and its surest false boxes");
  add_subject(*command, arguments->subject, "wider:FILE, " + face_sources());
  command->add_option("-o,--output", arguments->sheet, "picture to write")->required();
  command->add_option("--threshold", arguments->threshold, "least score of a box")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  command->add_option("--count", arguments->count, "of each kind, at most")->check(above_zero())->capture_default_str();
  command->footer("Example: fkp-train misses --model models/fkpface.pt --data wider:faces/bbx_gt.txt --every 5 -o misses.png");
  command->callback([arguments] {
    const Subject& s = arguments->subject;
    NetDetector detector(s.detector());
    const auto pictures = read_faces(s.data, ".", s.every).pictures;
    write_misses(pictures, evaluate(detector, pictures).results, arguments->threshold, arguments->count, arguments->sheet);
  });
}

}  // namespace fkp
