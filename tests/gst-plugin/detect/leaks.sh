#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# leaks.sh TEST-DETECT: two hundred cycles between READY and PLAYING leave no object behind, according to GStreamer's leaks tracer.
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# left_by TEST...: the objects that a test left behind.
left_by() {
  GST_TRACERS=leaks GST_DEBUG=GST_TRACER:7 GST_DEBUG_NO_COLOR=1 GST_DEBUG_FILE=$log "$@" >&2
  grep -oE 'object-alive, type-name=\(string\)Gst.*' "$log" || true
}

if [ -z "$(left_by "$1" --gtest_also_run_disabled_tests --gtest_filter=States.DISABLED_LeaveAnElementBehind)" ]; then
  echo "the tracer does not see an element that was left behind on purpose"
  exit 1
fi
left=$(left_by "$1" --gtest_filter=States.CycleTwoHundredTimes)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
