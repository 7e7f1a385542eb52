#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# packages.sh SETUP: install_packages of setup.sh, among made-up programs that write down how they were called.
set -euo pipefail
setup=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
bash=$(command -v bash)

# fake NAME: a program with this text.
fake() {
  { echo "#!$bash" && cat; } >"$root/bin/$1"
  chmod +x "$root/bin/$1"
}

# machine PACKAGE...: a new one with these packages; no more is in PATH than is named here.
machine() {
  rm -rf "${root:?}/bin" "${root:?}/home"
  mkdir "$root/bin" "$root/home"
  local program
  for program in env grep mktemp rm tail; do ln -s "$(command -v $program)" "$root/bin/"; done
  printf '%s\n' "$@" >"$root/installed"
  : >"$root/calls"
  fake id <<<'echo 0'
  fake sleep <<<":"
  fake apt-get <<<"echo apt-get \"\$@\" >>'$root/calls'"
  # As Debian's: what it does not know makes its status 1.
  fake dpkg-query <<FAKE
status=0
for package in "\${@:3}"; do
  if grep -qx "\$package" '$root/installed'; then printf '%s=installed ' "\$package"; else status=1; fi
done
exit \$status
FAKE
}

# install PACKAGE...: what is printed lies in $root/out, the status in $status.
install() {
  status=0
  # shellcheck disable=SC2016
  (cd "$root/home" && PATH=$root/bin "$bash" -euo pipefail -c '. "$0"; install_packages "$@"; echo "went on"' "$setup" "$@") >"$root/out" 2>&1 || status=$?
}

failed() {
  echo "$test: $*; it printed:"
  cat "$root/out"
  echo "and called:"
  cat "$root/calls"
  exit 1
}
prints() { grep -qF -- "$1" "$root/out" || failed "does not print '$1'"; }
calls() { [ "$(grep -c -- "$1" "$root/calls")" = "$2" ] || failed "does not call '$1' $2 times"; }

test="names and installs what is missing at once"
machine one
install one two three
[ $status = 0 ] || failed "status $status"
prints "Installing two three"
prints "went on"
calls ' update' 1
calls ' install .* two three$' 1
calls ' install ' 1

test="leaves apt-get alone where nothing is missing"
machine one two
install one two
[ $status = 0 ] || failed "status $status"
calls apt-get 0

test="asks sudo where it is not root"
machine
fake id <<<'echo 1000'
fake sudo <<<'exec "$@"'
install one
[ $status = 0 ] || failed "status $status"
calls ' install .* one$' 1

test="says what to do where nobody can become root"
machine
fake id <<<'echo 1000'
install one two
[ $status != 0 ] || failed "status $status"
prints "as root: apt-get install --no-install-recommends one two"
calls apt-get 0

test="waits for another apt-get"
machine
fake apt-get <<FAKE
echo apt-get "\$@" >>'$root/calls'
[ "\$(grep -c ' update' '$root/calls')" -gt 3 ] || { echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100; }
FAKE
install one
[ $status = 0 ] || failed "status $status"
[ "$(grep -c Waiting "$root/out")" = 1 ] || failed "does not say once that it waits"
calls ' update' 4
calls ' install ' 1

test="waits ten minutes at most"
machine
fake apt-get <<<"echo apt-get \"\$@\" >>'$root/calls'; echo 'E: Could not get lock' >&2; exit 100"
install one
[ $status != 0 ] || failed "status $status"
calls ' update' 121
prints "Could not get lock"

test="does not wait for what does not pass"
machine
fake apt-get <<<"echo apt-get \"\$@\" >>'$root/calls'; echo 'E: no network' >&2; exit 100"
install one
[ $status != 0 ] || failed "status $status"
calls apt-get 1
prints "no network"

test="shows why Meson fails after an installation"
machine
mkdir "$root/home/build"
: >"$root/home/build/build.ninja"
fake meson <<<'echo "no such dependency"; exit 1'
install one
[ $status != 0 ] || failed "status $status"
prints "no such dependency"
