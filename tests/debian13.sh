#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# debian13.sh FOLDER [COMMAND...]: runs ./check, or the command, on Debian 13 with the tree as last committed. FOLDER becomes a small
# Debian 13, or is one from an earlier call, which is quicker. On a Debian, as root; FKP_DATA is handed on, to read.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: debian13.sh FOLDER [COMMAND...]" >&2; exit 2; }
# In a mount namespace of its own, so that no mount outlives this script, however it ends.
[ -n "${DEBIAN13_UNSHARED:-}" ] || DEBIAN13_UNSHARED=1 exec unshare --mount --propagation private "$0" "$@"
root=$(realpath -m "$1")
shift
[ $# -gt 0 ] || set -- ./check
data=${FKP_DATA:+$(realpath -m "$FKP_DATA")}
cd "$(dirname "$0")/.."
. ./setup.sh
data=${data:-$(realpath -m ../shared/data)}

if [ ! -e "$root/etc/apt/sources.list" ] || [ -d "$root/debootstrap" ]; then
  [ ! -d "$root" ] || [ -d "$root/debootstrap" ] || [ -z "$(ls -A "$root")" ] || die "$root is neither empty nor a Debian"
  install_packages debootstrap
  # The mirror that this machine's own packages come from, in whichever form its sources are written.
  # shellcheck disable=SC2016
  read -r mirror < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main') ||
    die "apt knows no mirror of Debian; try: apt-get update"
  echo "Debian 13 from $mirror into $root"
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  export http_proxy https_proxy
  rm -rf "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail "$root.log" >&2; die "debootstrap failed (all of it: $root.log)"; }
  rm -f "$root.log"
fi

# How this machine reaches its mirror: proxies, time limits, passwords; not its hooks.
apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90machine"
for secrets in /etc/apt/auth.conf /etc/apt/auth.conf.d; do [ ! -e $secrets ] || cp -a $secrets "$root/etc/apt/"; done
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
rm -rf "$root/fkp"
mkdir -p "$root/fkp" "$root/data"
git archive HEAD | tar -x -C "$root/fkp"
# nproc obeys OMP_NUM_THREADS: where it is set, the build takes as many processors.
variables=(HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
if [ -d "$data" ]; then
  mount --bind "$data" "$root/data"
  mount -o remount,ro,bind "$root/data"
  variables+=(FKP_DATA=/data)
fi
# shellcheck disable=SC2016
chroot "$root" env -i "${variables[@]}" ${OMP_NUM_THREADS:+OMP_NUM_THREADS="$OMP_NUM_THREADS"} \
  sh -c 'cd /fkp && exec "$@"' sh "$@"
