#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd.sh FKP_RTSP UNIT: whether systemd takes the unit without a word, and how much it shuts in. 77: there is no systemd-analyze.
set -euo pipefail
program=$(realpath "$1") unit=$2
command -v systemd-analyze >/dev/null || { echo "needs systemd-analyze (Debian: systemd)"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
name=$(basename "$unit")
name=${name/@./@door.}

# verified TEXT: what systemd says of the unit, with the program as it lies in the build; nothing where all is well.
verified() {
  echo "${1/=\/usr\/local\/bin\/fkp-rtsp /=$program }" >"$root/$name"
  systemd-analyze verify --man=no "$root/$name" 2>&1 || true
}
text=$(<"$unit")
said=$(verified "$text")
[ -z "$said" ] || { echo "$said"; exit 1; }
[ -n "$(verified "${text/ProtectHome=/ProtectHouse=}")" ] || { echo "a misspelt setting is not noticed"; exit 1; }

# 0 to 100; a unit that shuts nothing in has 96.
verified "$text"
systemd-analyze security --offline=true --threshold=20 "$root/$name" >"$root/report" 2>&1 || { cat "$root/report"; exit 1; }
tail -n 1 "$root/report"
