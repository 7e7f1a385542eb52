#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tidy.sh [FILE-REGEX...]: clang-tidy over what is compiled; `ninja -C build clang-tidy` runs it on everything.
set -euo pipefail
build=${MESON_BUILD_ROOT:-build}
tidy=$(command -v run-clang-tidy-14 || command -v run-clang-tidy) || { echo "there is no run-clang-tidy" >&2; exit 1; }

# clang reads neither gcc's precompiled headers nor its warning about them.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 - "$build/compile_commands.json" >"$folder/compile_commands.json" <<'PYTHON'
import json, re, sys
commands = json.load(open(sys.argv[1]))
for command in commands:
    command['command'] = re.sub(r' -(include \S*|Winvalid-pch|fpch-\S+)(?= )', '', command['command'])
json.dump([c for c in commands if c['file'].endswith(('.c', '.cpp'))], sys.stdout)
PYTHON
"$tidy" -quiet -j "$(nproc)" -p "$folder" "$@"
