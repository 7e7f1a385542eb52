// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>

#include "commands/commands.h"
#include "fkp/core/error.h"
#include "programs/message_of.h"
#include "train/place.h"

namespace {

constexpr int kFailedRun = 1, kWrongUse = 2;

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("fkp-train"));
  spdlog::set_pattern("%^%l%$: %v");
  std::signal(SIGXFSZ, SIG_IGN);  // exceeding a file size limit is reported as an error, like a full disk
  CLI::App app("fkp-train makes networks that find faces and their keypoints");
  app.require_subcommand(1);
  for (auto* add : {fkp::add_train, fkp::add_sweep, fkp::add_compare, fkp::add_eval, fkp::add_export, fkp::add_predict, fkp::add_misses,
                    fkp::add_inspect, fkp::add_convert, fkp::add_submit, fkp::add_pack, fkp::add_schemes, fkp::add_completion})
    add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kWrongUse;
  } catch (const fkp::Stopped& stopped) {
    return stopped.status;
  } catch (const fkp::LostWorker& e) {
    spdlog::error("{}", e.what());
    std::_Exit(kFailedRun);  // threads of Gloo may still wait for that worker
  } catch (const fkp::Error& e) {
    spdlog::error("{}", e.what());
    return e.kind() == fkp::ErrorKind::settings ? kWrongUse : kFailedRun;
  } catch (const std::exception& e) {
    spdlog::error("{}", fkp::message_of(e));
    return kFailedRun;
  }
  return 0;
}
