# SPDX-License-Identifier: LGPL-2.1-or-later
"""fkp-train beside torch_trainer.py: the same networks, pictures, batches, threads and kinds of augmentation."""
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
from measure import Skipped, Table, processor_seconds, ratio

RECIPE = pipelines.TREE / 'trainer/recipes/fkp68.toml'
FACES = '300w/helen/trainset'  # few enough to be read at once
RESNET = {'input': 96, 'margin': 1.25, 'layers': ['resnet 2 2 2 2', 'linear']}
# What is trained, and for how many epochs that count, after one that does not.
NETWORKS = {'fkp68': ({}, 3), 'ResNet-18 at 96 px': ({'network': RESNET}, 1)}


def small_recipe(folder, changes, epochs, threads, precision):
    """The shipped recipe on one small set, for a few epochs, with AdamW for all weights: PyTorch has no Muon."""
    recipe = tomllib.loads(RECIPE.read_text()) | changes
    del recipe['teacher'], recipe['train']['restart']
    for key in ('exposure', 'jpeg'):  # the peer has neither
        del recipe['augment'][key]
    recipe['data'] = {'root': str(pipelines.data_folder()), 'validation': 0.01, 'train': ['ibug:' + FACES]}
    recipe['train'] |= {'epochs': 1 + epochs, 'threads': threads, 'muon': 0, 'precision': precision}
    if 'layers' in recipe['network']:
        del recipe['train']['negatives']  # there is no face score
    lines = []
    for name, value in recipe.items():  # values without a section come first in the shipped one
        lines += [f'[{name}]', *(f'{k} = {json.dumps(v)}' for k, v in value.items())] if isinstance(value, dict) else [f'{name} = {json.dumps(value)}']
    file = folder / 'recipe.toml'
    file.write_text('\n'.join(lines) + '\n')
    return file


def environment(threads):
    """Of both: threads that wait do not keep the loader's from running."""
    return os.environ | {'OMP_NUM_THREADS': str(threads), 'OMP_WAIT_POLICY': 'passive'}


def by_fkp_train(program, recipe, epochs, threads):
    """Images a second, of the run's own clock and of a processor, which writes weights and a page after each epoch, too."""
    folder = recipe.parent / 'run'
    log, text = folder / 'log.csv', recipe.parent / 'text'
    with open(text, 'w') as errors:
        process = subprocess.Popen([program, 'train', recipe, '-o', folder], env=environment(threads), stderr=errors, stdout=subprocess.DEVNULL)
    marks = {}
    while epochs + 1 not in marks:
        if process.poll() is not None:
            raise SystemExit(f'compare: fkp-train failed: {text.read_text()}')
        done = len(log.read_text().splitlines()) - 1 if log.exists() else 0
        if done > 0:
            marks.setdefault(done, processor_seconds(process.pid))
        time.sleep(0.02)
    process.wait()
    batch = tomllib.loads(recipe.read_text())['train']['batch']
    faces = int(re.search(r'(\d+) faces to train on', text.read_text())[1])
    images = epochs * (faces // batch) * batch
    seconds = json.loads((folder / 'run.json').read_text())['seconds']
    return images / sum(seconds[1:]), images / (marks[epochs + 1] - marks[1])


def by_pytorch(recipe, epochs, threads, workers):
    command = [pipelines.PYTHON, pathlib.Path(__file__).with_name('torch_trainer.py'), recipe, pipelines.data_folder() / FACES,
               '--epochs', str(epochs), '--workers', str(workers)]
    out = json.loads(subprocess.run(command, check=True, env=environment(threads), stdout=subprocess.PIPE).stdout)
    return out['images'] / out['wall'], out['images'] / out['cpu']


def table(setting, name):
    """Both in turn, in float32 and in bfloat16, the DataLoader with the number of workers that is best here."""
    program = pathlib.Path(setting.build) / 'trainer/fkp-train'
    changes, epochs = NETWORKS[name]

    def rates(trainer, precision='fp32', workers=0):
        with tempfile.TemporaryDirectory() as folder:
            recipe = small_recipe(pathlib.Path(folder), changes, epochs, setting.threads, precision)
            if trainer == 'fkp-train':
                return by_fkp_train(program, recipe, epochs, setting.threads)
            return by_pytorch(recipe, epochs, setting.threads, workers)

    workers = max((0, 1, 2), key=lambda n: rates('PyTorch', workers=n)[0])
    peer = f"PyTorch's Python, {workers} workers"
    cases = {'fkp-train': ('fkp-train', 'fp32'), peer: ('PyTorch', 'fp32'), 'fkp-train, precision = "bf16"': ('fkp-train', 'bf16'),
             peer + ', torch.autocast to bfloat16': ('PyTorch', 'bf16')}
    runs = {case: [] for case in cases}
    for _ in range(setting.pairs):
        for case, (trainer, precision) in cases.items():
            runs[case].append(rates(trainer, precision, workers))
    over = "PyTorch's in float32"
    made = Table(f'Training {name}, {setting.threads} threads', [
        'what', 'images/s', 'images a processor second', f'images/s over {over}', f'images a processor second over {over}'])
    for case, of in runs.items():
        made.add(case, *(statistics.median(r[i] for r in of) for i in (0, 1)), *(ratio(of, runs[peer], lambda r, i=i: r[i]) for i in (0, 1)))
    ours, theirs = list(runs.values())[2:]
    made.note(f'In bfloat16 both, fkp-train over PyTorch: {ratio(ours, theirs, lambda r: r[0])} images/s, '
              f'{ratio(ours, theirs, lambda r: r[1])} a processor second.')
    return made


def tables(setting):
    if not pipelines.has_torch():
        raise Skipped(pipelines.missing('torch'))
    return (table(setting, name) for name in NETWORKS)  # each is printed when it is made
