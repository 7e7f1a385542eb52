// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "format.h"
#include "media_info.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// A unique name for each file, existing or not.
std::string identity_of(const std::string& file) {
  std::error_code impossible;  // a name that is too long
  const fs::path path = fs::absolute(file), canonical = fs::weakly_canonical(path, impossible);
  return (impossible ? path.lexically_normal() : canonical).string();
}

bool is_folder(const std::string& name) {
  std::error_code impossible;
  return fs::is_directory(name, impossible);
}

/// The name of a file or the last part of a URI's path.
std::string name_of(const std::string& input) {
  const std::string file = file_of(input);
  const std::string path = file.empty() ? input.substr(0, input.find_first_of("?#")) : file;
  const std::string name = fs::path(path).filename().string();
  return name.empty() ? "film" : name;
}

/// The extension to append to a copy's name if it cannot keep the input's own.
std::string ending_of(const std::string& name) {
  if (format_of(name)) return "";
  return kind_of(name) == Kind::picture ? ".png" : ".mp4";
}

std::string annotated(const std::string& name) {
  if (!ending_of(name).empty()) return name + "-annotated" + ending_of(name);
  const fs::path path(name);
  return path.stem().string() + "-annotated" + path.extension().string();
}

bool is_hidden(const fs::path& path) { return path.filename().string().rfind('.', 0) == 0; }

/// Whether a file of that name may be replaced: not if it is a device or the like, nor in /dev and /proc, where links such as /dev/stdout
/// may lead to a regular file.
bool can_be_replaced(const std::string& name) {
  std::error_code unknown;
  const fs::file_type type = fs::status(name, unknown).type();
  if (type == fs::file_type::block || type == fs::file_type::character || type == fs::file_type::fifo || type == fs::file_type::socket)
    return false;
  const std::string folder = fs::weakly_canonical(fs::absolute(name).parent_path(), unknown).string();
  return folder != "/dev" && folder.rfind("/proc/", 0) != 0;
}

class Planner {
 public:
  explicit Planner(const Request& request) : request_(request) {
    output_is_folder_ = !request.output.empty() && (request.output.back() == '/' || is_folder(request.output));
    several_ = request.inputs.size() > 1 || std::any_of(request.inputs.begin(), request.inputs.end(), is_folder);
    plan_.batch = several_ || output_is_folder_;
    check();
  }

  Plan plan() {
    for (const std::string& input : request_.inputs) {
      if (is_folder(input))
        add_folder(input);
      else if (plan_.batch && !request_.output.empty())
        add(input, fs::path(request_.output) / (name_of(input) + ending_of(name_of(input))), fs::path(request_.output) / name_of(input));
      else
        add_file(input);
    }
    leave_out_own_outputs();
    forbid_devices();
    forbid_inputs();
    forbid_shared_outputs();
    return std::move(plan_);
  }

 private:
  void check() const {
    const auto named = [](const std::string& table) { return !table.empty() && table != Request::kBeside; };
    if (several_ && (named(request_.json) || named(request_.csv)))
      throw UsageError("there is more than one input: --json and --csv without a name write a file for each");
    if (several_ && !request_.still.empty()) throw UsageError("--still needs a single input");
    if (!request_.still.empty() && extension_of(request_.still) != ".png")
      throw UsageError(fmt::format("'{}' cannot be a still's name; it is a PNG, so its extension must be .png", request_.still));
    const bool is_file = fs::exists(request_.output) || format_of(request_.output);
    if (plan_.batch && !output_is_folder_ && is_file)
      throw UsageError(fmt::format("'{}' names a file, but there is more than one copy: name a folder", request_.output));
    if (!request_.copy && request_.json.empty() && request_.csv.empty() && request_.still.empty())
      throw UsageError("--no-video leaves nothing to write without --json, --csv or --still");
    if (plan_.batch || request_.output.empty()) return;
    if (!request_.copy) throw UsageError("-o names the annotated copy, and --no-video makes none");
    if (!format_of(request_.output))
      throw UsageError(fmt::format("'{}' cannot be a copy's name; the extension must be one of {}", request_.output, format_names()));
  }

  /// Tables next to the copy are named `base` plus their extension.
  void add(const std::string& input, const fs::path& copy, const fs::path& base) {
    const auto table = [&](const std::string& name, const char* ending) {
      return name == Request::kBeside ? base.string() + ending : name;
    };
    Job job{
        input, {request_.copy ? copy.string() : "", table(request_.json, ".jsonl"), table(request_.csv, ".csv"), request_.still}, 1, ""};
    std::error_code unknown;
    const std::uintmax_t size = fs::file_size(file_of(input), unknown);
    if (!unknown) job.bytes = std::max<std::uintmax_t>(size, 1);
    plan_.jobs.push_back(std::move(job));
  }

  void add_file(const std::string& input) {
    const fs::path folder = fs::path(file_of(input)).parent_path();
    const std::string name = name_of(input);
    if (request_.output.empty())
      add(input, folder / annotated(name), folder / name);
    else
      add(input, request_.output, request_.output);
  }

  /// Adds all videos and pictures below the folder, in the order of their names; the outputs mirror its tree.
  void add_folder(const std::string& input) {
    const fs::path root = fs::canonical(input);
    const fs::path out = request_.output.empty() ? root.string() + "-annotated" : request_.output;
    if (identity_of(out) == root) throw UsageError(fmt::format("'{}' is the input folder: the copies need a different one", out.string()));
    const std::size_t before = plan_.jobs.size();
    walk(input, identity_of(out), out);
    if (plan_.jobs.size() > before) return;
    plan_.jobs.push_back({input, {}, 1, "there is no video or picture in this folder"});
  }

  void walk(const fs::path& folder, const std::string& left_out, const fs::path& out) {
    std::vector<fs::path> entries;
    std::error_code failure;
    for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) entries.push_back(it->path());
    if (failure) plan_.jobs.push_back({folder.string(), {}, 1, failure.message()});
    std::sort(entries.begin(), entries.end());
    for (const fs::path& entry : entries) {
      const std::string name = entry.filename().string();
      std::error_code unknown;
      if (is_hidden(entry)) continue;
      if (fs::is_directory(entry, unknown)) {
        // Not into links, which may lead back up, nor into the output folder, with the copies of an earlier run.
        if (!fs::is_symlink(entry, unknown) && identity_of(entry) != left_out) walk(entry, left_out, out / name);
      } else if (kind_of(name) != Kind::other) {
        add(entry.string(), out / (name + ending_of(name)), out / name);
      }
    }
  }

  /// A second `fkp-annotate *.mp4` names the copies that the first one made, too.
  void leave_out_own_outputs() {
    if (!plan_.batch || !request_.output.empty()) return;
    std::map<std::string, std::string> made_of;
    for (const Job& job : plan_.jobs)
      if (!job.outputs.copy.empty()) made_of.emplace(identity_of(job.outputs.copy), job.input);
    const auto is_output = [&](const Job& job) {
      const std::string file = file_of(job.input);
      const auto source = file.empty() ? made_of.end() : made_of.find(identity_of(file));
      if (source == made_of.end()) return false;
      plan_.notes.push_back(fmt::format("{}: skipped, because it is the copy of {}", job.input, source->second));
      return true;
    };
    plan_.jobs.erase(std::remove_if(plan_.jobs.begin(), plan_.jobs.end(), is_output), plan_.jobs.end());
  }

  void forbid_devices() const {
    for (const Job& job : plan_.jobs)
      for (const std::string& output : job.outputs.all())
        if (!can_be_replaced(output)) throw UsageError(fmt::format("'{}' is not a regular file: outputs cannot go there", output));
  }

  void forbid_inputs() const {
    std::set<std::string> inputs;
    for (const Job& job : plan_.jobs)
      if (const std::string file = file_of(job.input); !file.empty()) inputs.insert(identity_of(file));
    for (const Job& job : plan_.jobs)
      for (const std::string& output : job.outputs.all())
        if (inputs.count(identity_of(output)) > 0) throw UsageError(fmt::format("'{}' is the input: its copy needs another place", output));
  }

  void forbid_shared_outputs() const {
    std::map<std::string, std::string> input_of;
    for (const Job& job : plan_.jobs)
      for (const std::string& output : job.outputs.all()) {
        const auto [other, is_new] = input_of.emplace(identity_of(output), job.input);
        if (is_new) continue;
        if (other->second == job.input) throw UsageError(fmt::format("'{}' is named for two outputs", output));
        throw UsageError(fmt::format("'{}' and '{}' would both become '{}'", other->second, job.input, output));
      }
  }

  const Request& request_;
  bool output_is_folder_ = false, several_ = false;
  Plan plan_;
};

}  // namespace

std::vector<std::string> Outputs::all() const {
  std::vector<std::string> named;
  for (const std::string& name : {copy, json, csv, still})
    if (!name.empty()) named.push_back(name);
  return named;
}

Plan make_plan(const Request& request) { return Planner(request).plan(); }

}  // namespace fkp
