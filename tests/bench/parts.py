# SPDX-License-Identifier: LGPL-2.1-or-later
"""The measurements of tests/bench/compare, a function each: it takes a Setting and returns tables."""
import dataclasses
import os
import pathlib
import statistics
import subprocess
import tempfile

import pipelines
from measure import Ratio, Skipped, Table, alternate, median, ratio
from pipelines import decoded, decoded_on_one_thread


@dataclasses.dataclass
class Setting:
    programs: pipelines.Programs
    build: str
    films: pipelines.Films
    pairs: int
    frames: int  # of the clip; 0: all
    threads: int  # of the trainers
    device: str  # of `look`
    precision: str


def peers(s, film, frames=0):
    """Commands of what else finds faces in a film, and notes on what is missing."""
    commands, notes = {}, []
    if pipelines.has_facedetect():
        commands['facedetect (boxes alone)'] = s.programs.pipeline(pipelines.facedetect(film, frames))
    else:
        notes.append(pipelines.missing('facedetect'))
    if s.programs.has_dlib():
        for smallest in (80, 40):
            commands[f'dlib, faces from {smallest} px'] = s.programs.dlib(film, frames, smallest)
    else:
        notes.append(pipelines.missing('dlib'))
    return commands, notes


def clip(s):
    """The clip from its file to its end, by what one could use."""
    film, source = s.films.clip, decoded(s.films.clip, s.frames)
    others, notes = peers(s, film, s.frames)
    with tempfile.TemporaryDirectory() as folder:
        runs = alternate({
            'decoded only': s.programs.pipeline(source + 'fakesink'),
            **others,
            'fkpdetect': s.programs.pipeline(source + 'fkpdetect ! fakesink'),
            'fkpdetect ! fkpoverlay': s.programs.pipeline(source + 'fkpdetect ! fkpoverlay ! fakesink'),
            'the same to a file by x264enc':
                s.programs.pipeline(source + f'fkpdetect ! fkpoverlay ! videoconvert ! x264enc ! filesink location={folder}/out.264'),
        }, s.pairs)
    table = Table(f'{film.name}, {runs["fkpdetect"][0].output["frames"]} frames, whole processes', [
        'what', 'frames/s', 'processor s per 1,000 frames', 'peak MiB', 'wall over fkpdetect', 'processor over fkpdetect'])
    wall = lambda r: r.wall / r.output['frames']
    cpu = lambda r: r.cpu / r.output['frames']
    for name, of in runs.items():
        table.add(name, 1 / median(of, wall), 1000 * median(of, cpu), median(of, lambda r: r.memory),
                  ratio(of, runs['fkpdetect'], wall), ratio(of, runs['fkpdetect'], cpu))
    table.notes = notes
    return [table]


def passage(run, element, what):
    """The median of a frame's way through an element, milliseconds."""
    return next(v[what] for k, v in run.output['elements'].items() if k.startswith(element))


def stats(run):
    """fkpdetect's own."""
    return next(v['stats'] for v in run.output['elements'].values() if 'stats' in v)


SIZES = {'400×300': (400, 300), '1080p': (1920, 1080), '4K': (3840, 2160)}


def scale(s):
    """A frame's way through the elements by the size of the frame and the number of faces."""
    films = {(size, faces): s.films.of(*SIZES[size], faces) if (size, faces) != ('400×300', 1) else s.films.clip
             for faces in (1, 4) for size in SIZES if (size, faces) != ('400×300', 4)}
    runs = alternate({case: s.programs.pipeline(decoded_on_one_thread(film) + 'fkpdetect ! fkpoverlay ! fakesink', s.films.frames)
                      for case, film in films.items()}, s.pairs)
    table = Table(f'One frame by size, processor ms, medians of {s.films.frames} frames', [
        'frame', 'faces', 'fkpdetect', 'over 400×300, one face', 'over its own size, one face', 'fkpoverlay'])
    detect = lambda r: passage(r, 'fkpdetect', 'cpu')
    for (size, faces), of in runs.items():
        table.add(size, faces, median(of, detect), ratio(of, runs['400×300', 1], detect), ratio(of, runs[size, 1], detect),
                  median(of, lambda r: passage(r, 'fkpoverlay', 'cpu')))
        found = median(of, lambda r: stats(r)['faces'] / r.output['frames'])
        if found < 0.98 * faces:
            table.note(f'{size}, {faces} faces: {found:.2f} were found a frame')
    table.note('Frames that are searched for new faces, one in 30, are no median; `stages` has them.')
    return [table]


def streams(s, counts=(1, 2, 4, 8)):
    """Several streams in one process that share a network."""
    each = s.frames or 600
    one = decoded(s.films.clip, each) + 'fkpdetect model-instance-id=all ! fakesink '
    runs = alternate({n: s.programs.pipeline(one * n) for n in counts}, s.pairs)
    table = Table(f'Streams in one process, one network, {each} frames each, from the first frame on', [
        'streams', 'frames/s in all', 'over one stream', 'processor ms a frame', 'frames a processor second, over one stream'])
    rate = lambda r: r.output['frames'] / r.output['wall']
    cheapness = lambda r: r.output['frames'] / r.output['cpu']
    for n, of in runs.items():
        table.add(n, median(of, rate), ratio(of, runs[counts[0]], rate), 1000 / median(of, cheapness), ratio(of, runs[counts[0]], cheapness))
    return [table]


STAGES = ('map', 'detect', 'crop', 'infer', 'smooth', 'attach', 'frame')


def stages(s):
    """Where the time of a frame goes: fkpdetect's own statistics, and shares of processor time."""
    source, frames = decoded_on_one_thread(s.films.clip), s.frames or 1337
    runs = alternate({'decoded': s.programs.pipeline(source + 'fakesink', frames),
                      'detect': s.programs.pipeline(source + 'fkpdetect smoothing=one-euro ! fakesink', frames),
                      'follow': s.programs.pipeline(source + 'fkpdetect smoothing=one-euro detect-interval=0 ! fakesink', frames),
                      'draw': s.programs.pipeline(source + 'fkpdetect smoothing=one-euro ! fkpoverlay ! fakesink', frames)}, s.pairs)
    times = Table(f'{s.films.clip.name}, {frames} frames: stages of a frame, ms of the clock', ['stage', 'mean', 'p99'])
    for stage in STAGES:
        times.add(stage, *(median(runs['detect'], lambda r, w=what: stats(r)[f'{stage}-{w}']) for what in ('mean', 'p99')))
    times.add('draw (fkpoverlay), median', median(runs['draw'], lambda r: passage(r, 'fkpoverlay', 'wall')), '')

    shares = Table('Processor time of a frame, ms', ['what', 'ms', '% of all'])
    per_frame = lambda r: 1000 * r.output['cpu'] / r.output['frames']
    whole, decode, follow, draw = (median(runs[name], per_frame) for name in ('detect', 'decoded', 'follow', 'draw'))
    network = median(runs['follow'], lambda r: stats(r)['infer-mean'])  # of the clock, on one thread: on an idle machine
    for name, value in (('decoding', decode), ('the keypoint network', network), ('searches for new faces', whole - follow),
                        ('the rest of fkpdetect', follow - decode - network), ('all', whole)):
        shares.add(name, value, 100 * value / whole)
    shares.note(f'fkpoverlay adds {draw - whole:.2f} ms.')
    return [times, shares]


def memory(s, frames=10000):
    """Whether it grows: the clip over and over."""
    source = decoded(s.films.clip)
    runs = alternate({'decoded only': s.programs.pipeline(source + 'fakesink', frames),
                      'fkpdetect ! fkpoverlay': s.programs.pipeline(source + 'fkpdetect ! fkpoverlay ! fakesink', frames)},
                     1, warm_up=False)
    table = Table(f'Peak memory, MiB, the clip over and over for {frames:,} frames',
                  ['what', 'after 100', 'after 1,000', f'after {frames:,}', 'growth from 1,000 on'])
    for name, (r,) in runs.items():
        m = r.output['memory']
        table.add(name, m['100'], m['1000'], m['end'], m['end'] - m['1000'])
    return [table, installed(s)]


def installed(s):
    table = Table('What is installed, MiB', ['files', 'MiB'])
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(['meson', 'install', '-C', s.build, '--no-rebuild', '--strip', '--quiet'], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, 'DESTDIR': root})
        files = [f for f in pathlib.Path(root).rglob('*') if f.is_file() and not f.is_symlink()]
        groups = {'plugins': lambda f: 'gstreamer-1.0' in f.parts and f.suffix == '.so', 'libraries': lambda f: '.so' in f.name,
                  'programs': lambda f: f.parent.name == 'bin', 'models': lambda f: 'models' in f.parts, 'headers and the like': lambda f: True}
        total = 0
        for name, belongs in groups.items():
            mine = [f for f in files if belongs(f)]
            files = [f for f in files if f not in mine]
            size = sum(f.stat().st_size for f in mine) / 2**20
            total += size
            table.add(name, size)
        table.add('all', total)
    return table


def face(s):
    """One face by dlib's shape predictor and by ours."""
    if not s.programs.has_dlib():
        raise Skipped(pipelines.missing('dlib'))
    data = pipelines.data_folder() / '300w/helen/testset'
    runs = alternate({'both': [str(s.programs.folder / 'bench-face'), '--data', f'ibug:{data}', '--json']}, s.pairs)['both']
    table = Table(f'One face of {runs[0].output["faces"]}, on one core, cutting included', [
        'what', 'ms', 'processor ms', 'NME %, mean', 'median', 'above 8 %'])
    for name in ('dlib', 'fkp'):
        table.add(name, *(statistics.median(r.output[name][value] for r in runs) for value in ('wall_ms', 'cpu_ms', 'nme', 'median', 'fr8')))
    ratios = [r.output['ratio']['median'] for r in runs]
    table.note(f'fkp over dlib in processor time, face by face, the median: {statistics.median(ratios):.2f} ({min(ratios):.2f} to '
               f'{max(ratios):.2f} in {len(ratios)} runs).')
    return [table]


def look(s):
    """The keypoint network by the number of faces at once, and by the number of streams that share it, beside PyTorch's Python."""
    program = s.programs.folder / 'fkp-bench'
    if not program.exists():
        raise Skipped(pipelines.missing('benchmark'))
    if not pipelines.has_torch():
        raise Skipped(pipelines.missing('torch'))
    where = ['--device', s.device, '--precision', s.precision]
    runs = alternate({'fkp': [str(program), *where, '--benchmark_filter=^(look|streams)', '--benchmark_format=json'],
                      'PyTorch': [pipelines.PYTHON, str(pathlib.Path(__file__).with_name('torch_look.py')),
                                  str(pipelines.TREE / 'models/fkp68.pt'), *where]}, s.pairs)

    def ours(run, name):
        return next(b for b in run.output['benchmarks'] if b['name'].startswith(name))

    table = Table(f"Faces at once, fkp68 in {s.precision} on {s.device}, cutting included, beside PyTorch's Python", [
        'faces', 'fkp, faces/s', 'PyTorch, faces/s', 'fkp over PyTorch', 'in processor time'])
    for faces in runs['PyTorch'][0].output:
        mine = lambda r, what: float(faces) / ours(r, f'look/{faces} ')[what]
        theirs = lambda r, what: float(faces) / r.output[faces][what]
        both = [{'wall': mine(a, 'real_time') / theirs(b, 'wall'), 'cpu': mine(a, 'cpu_time') / theirs(b, 'cpu')}
                for a, b in zip(runs['fkp'], runs['PyTorch'])]
        table.add(int(faces), 1000 * median(runs['fkp'], lambda r: mine(r, 'real_time')), 1000 * median(runs['PyTorch'], lambda r: theirs(r, 'wall')),
                  *(Ratio.of(b[what] for b in both) for what in ('wall', 'cpu')))
    shared = Table('Streams that share the network, one face each', ['streams', 'faces/s in all'])
    for b in runs['fkp'][0].output['benchmarks']:
        if b['name'].startswith('streams'):
            shared.add(b['threads'], median(runs['fkp'], lambda r, name=b['name']: ours(r, name)['items_per_second']))
    return [table, shared]


def start(s):
    """From the start of the process to the first frame behind the last element."""
    source, notes = decoded(s.films.clip), []
    commands = {'decoded only': s.programs.pipeline(source + 'fakesink', 1)}
    if pipelines.has_facedetect():
        commands['facedetect'] = s.programs.pipeline(pipelines.facedetect(s.films.clip), 1)
    else:
        notes.append(pipelines.missing('facedetect'))
    commands['fkpdetect'] = s.programs.pipeline(source + 'fkpdetect ! fakesink', 1)
    commands['fkpdetect ! fkpoverlay'] = s.programs.pipeline(source + 'fkpdetect ! fkpoverlay ! fakesink', 1)
    runs = alternate(commands, s.pairs)
    first = lambda r: r.output['first_frame'] - r.started
    table = Table('Start to first frame', ['what', 'wall s', 'processor s, whole process', 'wall over fkpdetect'])
    for name, of in runs.items():
        table.add(name, median(of, first), median(of, lambda r: r.cpu), ratio(of, runs['fkpdetect'], first))
    table.notes = notes
    return [table]


def trainer(s):
    from trainers import tables  # the only part that reads recipes
    return tables(s)


ALL = {'clip': clip, 'face': face, 'look': look, 'scale': scale, 'streams': streams, 'stages': stages, 'memory': memory, 'start': start, 'trainer': trainer}
