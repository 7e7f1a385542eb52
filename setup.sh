# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by demo and check: Debian's packages and the build folder. Run from the top of the tree.

build_packages=(
  meson ninja-build g++ ccache pkg-config
  libtorch-dev libdnnl-dev libgloo-dev libopencv-dev opencv-data
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstreamer-plugins-bad1.0-dev
  libgirepository1.0-dev gobject-introspection
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly gstreamer1.0-libav
  libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libspdlog-dev libpugixml-dev
  libmosquitto-dev librdkafka-dev libgstrtspserver-1.0-dev prometheus-cpp-dev
  libopenblas0-openmp  # libtorch takes whatever BLAS there is; the reference one is many times slower
)
test_packages=(libgtest-dev libgmock-dev python3-gi gir1.2-gstreamer-1.0 python3-jsonschema python3-kubernetes mosquitto openssl)

# ccache may reuse precompiled headers only when told so.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# as_root COMMAND...: fails with the command to run where there is no way to become root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
  else
    return 1
  fi
}

# update_lists LOG: for ten minutes, as DPkg::Lock::Timeout does not cover the lists' lock, which apt-daily holds after a start.
update_lists() {
  local log=$1 waited=0
  until as_root apt-get -q -y update >"$log" 2>&1 </dev/null; do
    grep -q 'Could not get lock' "$log" && [ $waited -lt 600 ] || return 1
    [ $waited -gt 0 ] || echo "Waiting for another apt-get to end"
    sleep 5
    waited=$((waited + 5))
  done
}

# install_packages PACKAGE...: those that are missing, and says which.
install_packages() {
  local installed package missing=()
  command -v dpkg-query >/dev/null || return 0 # no Debian: Meson will name what it misses
  # It fails where it does not know one of them.
  installed=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package; do
    [[ $installed == *" $package=installed "* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  echo "Installing ${missing[*]}"
  local log get=(apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends)
  log=$(mktemp)
  if ! update_lists "$log" || ! as_root "${get[@]}" "${missing[@]}" >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    die "packages are missing; as root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  rm -f "$log"
  # What the build did without until now may be there.
  [ ! -f build/build.ninja ] || quietly build/setup.log meson setup --reconfigure build
}

# quietly LOG COMMAND...: its end is shown where it fails.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 60 "$log" >&2
  die "failed: $* (all of it: $log)"
}

configure() {
  [ ! -f build/build.ninja ] || return 0
  # Warnings are errors for the compiler whose warnings are known here; a newer one's must not keep anybody from building.
  local werror=false
  [[ $(g++ -dumpversion) != 12* && ${CI:-} != true ]] || werror=true
  mkdir -p build
  echo "Configuring build/"
  quietly build/setup.log meson setup build --buildtype=release -Dtests=auto -Dwerror=$werror
}

# build TARGET...: with ninja's own progress on a terminal.
build() {
  local ninja=(ninja -C build -j "$(nproc)" "$@")
  configure
  ! ninja -C build -n "$@" | grep -q 'no work to do' || return 0
  if [ -t 1 ]; then
    "${ninja[@]}" || die "the build failed"
  else
    echo "Building (log: build/build.log)"
    quietly build/build.log "${ninja[@]}"
  fi
}
