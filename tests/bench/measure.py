# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole processes run in turn, and what comes of them: medians, and ratios pair by pair."""
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time


class Skipped(Exception):
    """Something optional is not here; the text names it."""


@dataclasses.dataclass
class Run:
    wall: float    # seconds, from the start of the process to its end
    cpu: float     # seconds of all processors, children of the process included
    memory: float  # MiB, the most that was resident
    started: float  # seconds of the monotonic clock
    output: dict   # what the program printed as JSON


def processor_seconds(pid):
    """What a running process has used of all processors so far."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def run(command):
    started = time.monotonic()
    with tempfile.TemporaryFile('w+') as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        text = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise SystemExit(f'{errors.read()}compare: this failed with status {process.returncode}: {" ".join(command)}')
    begin = ('\n' + text).rfind('\n{')  # of the last line, or the last lines, of JSON
    return Run(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, started,
               json.JSONDecoder().raw_decode(text, begin)[0] if begin >= 0 else {})


def alternate(commands, pairs, warm_up=True):
    """Runs the commands of the dict one after the other, and all of that `pairs` times: lists of Run under the same names."""
    runs = {name: [] for name in commands}
    for turn in range(0 if warm_up else 1, pairs + 1):
        for name, command in commands.items():
            if sys.stderr.isatty():
                print(f'\r\033[K{turn}/{pairs} {name}', end='', file=sys.stderr, flush=True)
            result = run(command)
            if turn > 0:
                runs[name].append(result)
    if sys.stderr.isatty():
        print('\r\033[K', end='', file=sys.stderr, flush=True)
    return runs


def median(runs, value):
    return statistics.median(value(r) for r in runs)


@dataclasses.dataclass
class Ratio:
    """Of two values in each pair of runs: those of one turn saw the same machine."""
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, pairs):
        pairs = list(pairs)
        return cls(statistics.median(pairs), min(pairs), max(pairs))

    def __str__(self):
        return f'{self.median:.2f} ({self.least:.2f} to {self.most:.2f})'


def ratio(runs, base, value):
    return Ratio.of(value(a) / value(b) for a, b in zip(runs, base))


class Table:
    """Rows of one measurement: printed as Markdown, kept for JSON."""

    def __init__(self, title, columns):
        self.title, self.columns, self.rows, self.notes = title, columns, [], []

    def add(self, *cells):
        self.rows.append(cells)

    def note(self, text):
        self.notes.append(text)

    def __str__(self):
        def shown(cell):
            return f'{cell:.3g}' if isinstance(cell, float) and abs(cell) < 10 else f'{cell:.1f}' if isinstance(cell, float) else str(cell)

        lines = [f'**{self.title}**', '', '| ' + ' | '.join(self.columns) + ' |', '|' + ' --- |' * len(self.columns)]
        lines += ['| ' + ' | '.join(map(shown, row)) + ' |' for row in self.rows]
        return '\n'.join(lines + [''] + [n + '\n' for n in self.notes])

    def json(self):
        def kept(cell):
            return dataclasses.asdict(cell) if isinstance(cell, Ratio) else cell

        return {'title': self.title, 'rows': [dict(zip(self.columns, map(kept, row))) for row in self.rows], 'notes': self.notes}
