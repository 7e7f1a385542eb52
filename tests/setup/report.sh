#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# report.sh REPORT RUNNER: what tests/report.py makes of a program with three cases, of one that crashed, of a script, and of
# cases in Python under tests/support/run_unittest.py.
set -euo pipefail
report=$1 runner=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/logs"
cat >"$folder/logs/testlog.json" <<'JSON'
{"name": "fkp / mixed", "result": "FAIL", "returncode": 1, "stdout": ""}
{"name": "crashed", "result": "ERROR", "returncode": -11, "stdout": "last words"}
{"name": "fkp / script", "result": "OK", "returncode": 0, "stdout": ""}
{"name": "fkp / python", "result": "FAIL", "returncode": 1, "stdout": ""}
JSON
cat >"$folder/mixed.xml" <<'XML'
<testsuites><testsuite name="Suite">
<testcase name="Good" status="run" classname="Suite"/>
<testcase name="Bad" status="run" classname="Suite"><failure message="2 is not 3"/></testcase>
<testcase name="Absent" status="run" classname="Suite"><skipped message="needs FKP_DATA"/></testcase>
</testsuite></testsuites>
XML
cat >"$folder/python.py" <<'PYTHON'
import unittest
class Snake(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.assertEqual(3, 4)
    def test_worse(self): raise KeyError('nowhere')
    @unittest.skip('needs a mouse')
    def test_absent(self): pass
PYTHON
! python3 "$runner" "$folder/python.xml" "$folder/python.py" >/dev/null 2>&1 || { echo "failing cases make no status"; exit 1; }
status=0
text=$(python3 "$report" "$folder/logs" 0) || status=$?
expect() { [[ $text == *"$1"* ]] || { printf 'no "%s" in:\n%s\n' "$1" "$text"; exit 1; }; }
expect 'FAILED mixed: Suite.Bad'
expect '2 is not 3'
expect 'skipped mixed: Suite.Absent'
expect 'last words'
expect 'FAILED python: Snake.test_bad'
expect '3 != 4'
expect "KeyError: 'nowhere'"
expect 'skipped python: Snake.test_absent'
expect 'needs a mouse'
[ "${text##*$'\n'}" = '3 passed, 4 failed, 2 skipped' ] || { echo "$text"; exit 1; }
[ $status = 1 ] || { echo "status $status"; exit 1; }

rm "$folder/logs/testlog.json"
! python3 "$report" "$folder/logs" 0 >/dev/null || { echo "no test at all is no failure"; exit 1; }

echo 'raise __import__("unittest").SkipTest("needs an egg")' >"$folder/python.py"
status=0
text=$(python3 "$runner" "$folder/python.xml" "$folder/python.py") || status=$?
{ [ $status = 77 ] && [ "$text" = 'needs an egg' ]; } || { echo "a file that cannot be tested: status $status, $text"; exit 1; }
