// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <memory>
#include <sstream>

#include "commands/commands.h"

namespace fkp {
namespace {

std::string names_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) names += (names.empty() ? "" : " ") + command->get_name();
  return names;
}

/// The named options of a command as a user writes them: "-o --output".
std::string options_of(const CLI::App& command) {
  std::string options;
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_snames()) options += "-" + name + " ";
    for (const std::string& name : option->get_lnames()) options += "--" + name + " ";
  }
  return options;
}

/// The values that an option accepts, as {net,haar,none} in the type shown by --help.
std::string values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  std::string values = type.substr(open + 1, close - open - 1);
  for (char& c : values)
    if (c == ',') c = ' ';
  return values;
}

/// Cases of the shell's `case` by the word before the one to complete: options with fixed values.
std::string value_cases(const CLI::App& command) {
  std::string cases;
  for (const CLI::Option* option : command.get_options({})) {
    const std::string values = values_of(*option);
    if (values.empty() || option->get_lnames().empty()) continue;
    cases += "    " + command.get_name() + ":--" + option->get_lnames()[0] + ") words='" + values + "';;\n";
  }
  return cases;
}

std::string bash_completion(const CLI::App& app) {
  std::ostringstream out;
  out << "# Completion of fkp-train in bash, by `fkp-train completion bash`.\n"
         "_fkp_train() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
         "    words='"
      << names_of(app) << " --help'\n  else\n    case $command:$before in\n";
  for (const CLI::App* command : app.get_subcommands({})) out << value_cases(*command);
  out << "    esac\n    [ -n \"$words\" ] || [[ $word != -* ]] || case $command in\n";
  for (const CLI::App* command : app.get_subcommands({}))
    out << "    " << command->get_name() << ") words='" << options_of(*command) << "';;\n";
  out << "    esac\n"
         "  fi\n"
         "  # Without words, files (-o default).\n"
         "  [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -F _fkp_train fkp-train\n";
  return out.str();
}

}  // namespace

void add_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "Print what completes commands and options in a shell");
  command->add_option("SHELL", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->footer("Example: source <(fkp-train completion bash)");
  command->callback([&app, shell] { std::fputs(bash_completion(app).c_str(), stdout); });
}

}  // namespace fkp
