# SPDX-License-Identifier: LGPL-2.1-or-later
"""fkp-train beside torch_trainer.py: the shipped network, the same batch, the same threads."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time
import tomllib

import pipelines
from measure import Skipped, Table, ratio

RECIPE = pipelines.TREE / 'trainer/recipes/fkp68.toml'
FACES = 'ibug:300w/helen/trainset'  # few enough to be read at once
EPOCHS = 2  # that count, after one that does not


def small_recipe(folder, threads):
    """The shipped recipe on one small set, for a few epochs."""
    recipe = tomllib.loads(RECIPE.read_text())
    recipe['data'] = {'root': str(pipelines.data_folder()), 'validation': 0.05, 'train': [FACES]}
    recipe['train'] |= {'epochs': 1 + EPOCHS, 'threads': threads}
    lines = []
    for name, value in recipe.items():  # values without a section come first in the shipped one
        lines += [f'[{name}]', *(f'{k} = {json.dumps(v)}' for k, v in value.items())] if isinstance(value, dict) else [f'{name} = {json.dumps(value)}']
    file = folder / 'recipe.toml'
    file.write_text('\n'.join(lines) + '\n')
    return file, recipe['train']['batch']


def processor_seconds(pid):
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def by_fkp_train(program, recipe, batch, folder):
    """Images a second, of the clock and of a processor: from the end of the first epoch to the end of the last one."""
    log, text = folder / 'log.csv', folder / 'text'
    folder.mkdir()
    with open(text, 'w') as errors:
        process = subprocess.Popen([program, 'train', recipe, '-o', folder], stderr=errors, stdout=subprocess.DEVNULL)
    marks = {}
    while EPOCHS + 1 not in marks:
        if process.poll() is not None:
            raise SystemExit(f'compare: fkp-train failed: {text.read_text()}')
        done = len(log.read_text().splitlines()) - 1 if log.exists() else 0
        if done > 0:
            marks.setdefault(done, (time.monotonic(), processor_seconds(process.pid)))
        time.sleep(0.02)
    process.wait()
    faces = int(re.search(r'(\d+) faces to train on', text.read_text())[1])
    images = EPOCHS * (faces // batch) * batch
    return [images / (end - begin) for begin, end in zip(marks[1], marks[EPOCHS + 1])], faces // batch


def table(setting):
    """Both in turn."""
    if not pipelines.has_torch():
        raise Skipped(pipelines.missing('torch'))
    program = pathlib.Path(setting.build) / 'trainer/fkp-train'
    ours, peers, parameters = [], [], 0
    for _ in range(setting.pairs):
        with tempfile.TemporaryDirectory() as name:
            recipe, batch = small_recipe(pathlib.Path(name), setting.threads)
            rates, batches = by_fkp_train(program, recipe, batch, pathlib.Path(name) / 'run')
            ours.append(rates)
            peer = pathlib.Path(__file__).with_name('torch_trainer.py')
            out = subprocess.run([pipelines.PYTHON, peer, recipe, str(batches), str(EPOCHS)], check=True, stdout=subprocess.PIPE)
            result = json.loads(out.stdout)
            peers.append([result['images'] / result['wall'], result['images'] / result['cpu']])
            parameters = result['parameters']
    made = Table(f'Training {RECIPE.stem} ({parameters:,} parameters), batches of {batch}, {setting.threads} threads', [
        'what', 'images/s', 'images a processor second', 'images/s over PyTorch', 'images a processor second over PyTorch'])
    for name, rates in (('fkp-train, with reading, augmentation and validation', ours), ("PyTorch's Python, on made-up crops", peers)):
        made.add(name, *(statistics.median(r[i] for r in rates) for i in (0, 1)), *(ratio(rates, peers, lambda r, i=i: r[i]) for i in (0, 1)))
    return made
