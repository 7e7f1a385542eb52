// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/pack.h"

#include <cstdio>
#include <iterator>
#include <memory>

#include "commands/commands.h"
#include "fkp/core/error.h"
#include "readers/readers.h"

namespace fkp {
namespace {

/// All faces of all sets, and whether a recipe looks at whole pictures. Throws Error (mismatch) if they are not of one scheme.
Dataset read_all(const std::vector<std::string>& all_data, const std::string& scheme_name, Scheme& scheme, bool& whole_pictures) {
  Dataset all;
  for (const std::string& data : all_data) {
    const FaceSets sets = face_sets_of(data, scheme_name);
    if (scheme.size() > 0 && scheme.point_names != sets.scheme.point_names)
      throw Error(ErrorKind::mismatch, data + " is of the scheme '" + sets.scheme.name + "', the sets before it of '" + scheme.name + "'");
    scheme = sets.scheme;
    whole_pictures |= sets.whole_picture;
    for (const std::string& source : sets.sources) {
      Dataset one = read_dataset(source, sets.root, scheme);
      tell(source, one.samples.size(), "faces", one.refused);
      std::move(one.samples.begin(), one.samples.end(), std::back_inserter(all.samples));
      std::move(one.refused.begin(), one.refused.end(), std::back_inserter(all.refused));
    }
  }
  return all;
}

}  // namespace

void add_pack(CLI::App& app) {
  struct Arguments {
    std::vector<std::string> data;
    std::string scheme, file;
    PackOptions options;
    bool force = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("pack", "Put sets of faces into one file: decoded, cut out in grey, small to carry and quick to read");
  command->add_option("DATA", arguments->data, "KIND:PATH as in a recipe, or recipes, whose sets of faces are packed")->required();
  command->add_option("-o,--output", arguments->file, "file to write; a recipe reads it as pack:FILE")->required();
  command->add_option("--scheme", arguments->scheme, "of the points [what such sets mostly have]");
  command->add_option("--margin", arguments->options.margin, "side of what is kept over that of the face box")
      ->check(CLI::Range(1.0, 100.0))
      ->capture_default_str();
  command->add_option("--side", arguments->options.side, "of the face box, pixels, to which larger faces are shrunk [none are]")
      ->check(above_zero());
  command->add_option("--quality", arguments->options.quality, "of JPEG, 1 to 100 [PNG, which loses nothing]")->check(CLI::Range(1, 100));
  command->add_flag("--force", arguments->force, "overwrite");
  command->footer("Example: fkp-train pack ibug:300w/afw ibug:300w/lfpw/trainset -o faces.pack --quality 95");
  command->callback([arguments] {
    require_free(arguments->file, arguments->force);
    Scheme scheme;
    const Dataset all = read_all(arguments->data, arguments->scheme, scheme, arguments->options.whole_picture);
    write_pack(all, scheme, arguments->options, arguments->file);
    std::printf("%s: %zu faces of %s, %zu refused, %.1f MB\n", arguments->file.c_str(), all.samples.size(), scheme.name.c_str(),
                all.refused.size(), static_cast<double>(std::filesystem::file_size(arguments->file)) / 1e6);
  });
}

}  // namespace fkp
