#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""run_unittest.py XML FILE: runs the unittest cases of FILE and writes XML as GoogleTest does, for tests/report.py."""
import importlib.util
import sys
import unittest
import xml.etree.ElementTree as ET


class Cases(unittest.TextTestResult):
    """Keeps what became of each case."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.suite = ET.Element('testsuite', name='unittest')

    def add(self, test, verdict=None, message=''):
        classname, _, name = test.id().rpartition('.')
        case = ET.SubElement(self.suite, 'testcase', name=name, classname=classname.rpartition('.')[2], status='run')
        if verdict:
            ET.SubElement(case, verdict, message=message)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.add(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.add(test, 'failure', self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.add(test, 'failure', self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.add(test, 'skipped', reason)


report, file = sys.argv[1:]
spec = importlib.util.spec_from_file_location('tests', file)
module = importlib.util.module_from_spec(spec)
try:
    spec.loader.exec_module(module)
except unittest.SkipTest as reason:  # the whole file is skipped: 77, as for scripts
    print(reason)
    sys.exit(77)
result = unittest.TextTestRunner(resultclass=Cases).run(unittest.defaultTestLoader.loadTestsFromModule(module))
ET.ElementTree(result.suite).write(report)
sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
