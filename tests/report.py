#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""report.py LOGS FAILED: what `meson test` left in the folder LOGS, as a text that ends with the counts.

Cases of GoogleTest count one each, other tests too. FAILED is the number of checks that failed elsewhere.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree

logs = pathlib.Path(sys.argv[1])
passed, failed, skipped = 0, int(sys.argv[2]), 0


def show(verdict, name, text):
    print(f'{verdict} {name}')
    for line in (text or '').strip().splitlines()[-60:]:
        print('    ' + line)


def cases_of(name):
    """Of the GoogleTest program of that test; Meson lets it write NAME.xml. None for other tests, and after a crash."""
    report = logs.parent / f'{name}.xml'
    return list(xml.etree.ElementTree.parse(report).iter('testcase')) if report.exists() else []


runs = []
if (logs / 'testlog.json').exists():
    runs = [json.loads(line) for line in (logs / 'testlog.json').read_text().split('\n') if line]

for run in runs:
    name = run['name'].split(' / ')[-1]
    output = run.get('stdout', '') + run.get('stderr', '')
    failed_before = failed
    cases = cases_of(name)
    for case in cases:
        case_name = f"{name}: {case.get('classname')}.{case.get('name')}"
        if case.find('failure') is not None or case.find('error') is not None:
            failed += 1
            show('FAILED', case_name, '\n'.join(f.get('message', '') for f in case.findall('failure')))
        elif case.find('skipped') is not None:
            skipped += 1
            show('skipped', case_name, case.find('skipped').get('message'))
        elif case.get('status', 'run') == 'run':
            passed += 1
    if run['result'] not in ('OK', 'EXPECTEDFAIL', 'SKIP') and failed == failed_before:
        failed += 1
        show('FAILED', f"{name} ({run['result'].lower()}, status {run.get('returncode')})", output)
    elif run['result'] == 'SKIP' and not cases:
        skipped += 1
        show('skipped', name, output)
    elif not cases:
        passed += 1

if not runs:
    failed += 1
    print('FAILED no test ran')
print(f'{passed} passed, {failed} failed, {skipped} skipped')
sys.exit(1 if failed else 0)
