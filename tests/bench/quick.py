# SPDX-License-Identifier: LGPL-2.1-or-later
"""Short runs for ./check: each fails where a ratio is less than half of what docs/performance.md says of it.

All in processor time, from the first frame on, so that a busy machine changes little.
"""
import parts
import pipelines
from measure import Skipped, alternate, ratio
from pipelines import decoded, decoded_on_one_thread

FRAMES, ROUNDS = 90, 3
STANDS = {'facedetect': 9.42, 'dlib': 6.51, 'size': 1 / 1.39, 'streams': 0.87}  # in docs/performance.md


def check(name, got, stands):
    print(f'{name}: {got}, {stands:.3g} stands in docs/performance.md')
    if got.median < stands / 2:
        raise SystemExit('compare: this has collapsed')


def frames_a_processor_second(run):
    return run.output['frames'] / run.output['cpu']


def beside(s, name, command, stands):
    runs = alternate({'peer': command, 'fkpdetect': s.programs.pipeline(decoded(s.films.clip) + 'fkpdetect ! fakesink', FRAMES)},
                     ROUNDS, warm_up=False)
    check(f'frames a processor second over {name}', ratio(runs['fkpdetect'], runs['peer'], frames_a_processor_second), stands)


def facedetect(s):
    if not pipelines.has_facedetect():
        raise Skipped(pipelines.missing('facedetect'))
    beside(s, 'facedetect', s.programs.pipeline(pipelines.facedetect(s.films.clip), FRAMES), STANDS['facedetect'])


def dlib(s):
    if not s.programs.has_dlib():
        raise Skipped(pipelines.missing('dlib'))
    beside(s, 'dlib', s.programs.dlib(s.films.clip, FRAMES), STANDS['dlib'])


def size(s):
    s.films.frames = FRAMES
    films = {'400×300': s.films.clip, '1080p': s.films.of(1920, 1080)}
    runs = alternate({name: s.programs.pipeline(decoded_on_one_thread(film) + 'fkpdetect ! fakesink', FRAMES) for name, film in films.items()},
                     ROUNDS, warm_up=False)
    got = ratio(runs['400×300'], runs['1080p'], lambda r: parts.passage(r, 'fkpdetect', 'cpu'))
    check('a frame of 400×300 over one of 1080p, time in fkpdetect', got, STANDS['size'])


def streams(s):
    one = decoded(s.films.clip, FRAMES) + 'fkpdetect model-instance-id=all ! fakesink '
    runs = alternate({n: s.programs.pipeline(one * n) for n in (1, 4)}, ROUNDS, warm_up=False)
    check('frames a processor second, four streams over one', ratio(runs[4], runs[1], frames_a_processor_second), STANDS['streams'])


CHECKS = {'check-facedetect': facedetect, 'check-dlib': dlib, 'check-size': size, 'check-streams': streams}
