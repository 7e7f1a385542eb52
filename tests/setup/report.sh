#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# report.sh REPORT: what tests/report.py makes of a program with three cases, of one that crashed and of a script.
set -euo pipefail
report=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/logs"
cat >"$folder/logs/testlog.json" <<'JSON'
{"name": "fkp / mixed", "result": "FAIL", "returncode": 1, "stdout": ""}
{"name": "crashed", "result": "ERROR", "returncode": -11, "stdout": "last words"}
{"name": "fkp / script", "result": "OK", "returncode": 0, "stdout": ""}
JSON
cat >"$folder/mixed.xml" <<'XML'
<testsuites><testsuite name="Suite">
<testcase name="Good" status="run" classname="Suite"/>
<testcase name="Bad" status="run" classname="Suite"><failure message="2 is not 3"/></testcase>
<testcase name="Absent" status="run" classname="Suite"><skipped message="needs FKP_DATA"/></testcase>
</testsuite></testsuites>
XML
status=0
text=$(python3 "$report" "$folder/logs" 0) || status=$?
expect() { [[ $text == *"$1"* ]] || { printf 'no "%s" in:\n%s\n' "$1" "$text"; exit 1; }; }
expect 'FAILED mixed: Suite.Bad'
expect '2 is not 3'
expect 'skipped mixed: Suite.Absent'
expect 'last words'
[ "${text##*$'\n'}" = '2 passed, 2 failed, 1 skipped' ] || { echo "$text"; exit 1; }
[ $status = 1 ] || { echo "status $status"; exit 1; }

rm "$folder/logs/testlog.json"
! python3 "$report" "$folder/logs" 0 >/dev/null || { echo "no test at all is no failure"; exit 1; }
