#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures face detectors side by side: recall at 0.1 false boxes a picture (IoU 0.5), and milliseconds on one core.

  detectors.py --fkp-train build/trainer/fkp-train --model models/fkpface.pt --yunet yunet_n_320_320.onnx \\
               --every 5 wider:faces/bbx_gt.txt wider:facemask/bbx_gt.txt ibug:300w/helen/testset

With --spoilt on copies of lists of boxes, too, that are noisy, far too dark or bright, behind a veil, or compressed too much.

Figures of the project's detector come from `fkp-train eval`; the others run through OpenCV. Needs python3-opencv."""
import argparse
import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

HAAR = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"
TIMED_PICTURES = 60
SPOILT = {
    'noise of 25 greys': lambda p: p + noise(p, 25),
    'noise of 40 greys': lambda p: p + noise(p, 40),
    '0.15 of the light': lambda p: 0.15 * p + noise(p, 2),
    '0.08 of the light': lambda p: 0.08 * p + 8 + noise(p, 1),
    '2.2 times the light': lambda p: 2.2 * p,
    'a quarter of the contrast': lambda p: 0.25 * p + 150,
    'JPEG of quality 8': lambda p: cv2.imdecode(cv2.imencode('.jpg', p, [cv2.IMWRITE_JPEG_QUALITY, 8])[1], cv2.IMREAD_COLOR),
}


def read_wider(file):
    lines = iter(Path(file).read_text().splitlines())
    for name in lines:
        count = int(next(lines))
        boxes = [list(map(float, next(lines).split()[:4])) for _ in range(max(count, 1))]
        yield Path(file).parent / 'images' / name.strip(), [b for b in boxes if b[2] > 0 and b[3] > 0]


def read_ibug(folder):
    for file in sorted(Path(folder).glob('*.pts')):
        text = re.search(r'\{(.*)\}', file.read_text(), re.S).group(1)
        points = np.array(text.split(), float).reshape(-1, 2) - 1
        low, extent = points.min(0), np.ptp(points, 0)
        # As detector_box in trainer/src/data/scenes.cpp; edges, where pixel centres are at integers and a half.
        x, y = low + (0.007, -0.33) * extent + 0.5
        yield file.with_suffix('.jpg'), [[x, y, 0.972 * extent[0], 1.328 * extent[1]]]


def read(source, every):
    kind, _, path = source.partition(':')
    return list({'wider': read_wider, 'ibug': read_ibug}[kind](path))[::every]


def noise(picture, deviation):
    return np.random.default_rng(picture.size).normal(0, deviation, picture.shape[:2] + (1,))


def write_list(pictures, folder):
    """Of (pixels, boxes), as a source."""
    (Path(folder) / 'images').mkdir()
    text = ''
    for i, (pixels, boxes) in enumerate(pictures):
        cv2.imwrite(f'{folder}/images/{i}.png', pixels)
        lines = [' '.join(map(str, b)) + ' 0 0 0 0 0 0\n' for b in boxes] or ['0 0 0 0 0 0 0 0 0 0\n']
        text += f'{i}.png\n{len(boxes)}\n' + ''.join(lines)
    (Path(folder) / 'list.txt').write_text(text)
    return f'wider:{folder}/list.txt'


def iou(a, b):
    both = max(0, min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])) * max(0, min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]))
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def recall(pictures, find):
    """Greatest recall with at most one false box in ten pictures."""
    judged, faces = [], 0
    for file, truth in pictures:
        faces += len(truth)
        free = list(truth)
        for box, score in sorted(find(cv2.imread(str(file))), key=lambda b: -b[1]):
            best = max(free, key=lambda t: iou(box, t), default=None)
            right = best is not None and iou(box, best) >= 0.5
            if right:
                free.remove(best)
            judged.append((score, right))
    hits = wrong = best = 0
    for _, right in sorted(judged, key=lambda j: -j[0]):
        hits, wrong = hits + right, wrong + (not right)
        if wrong > 0.1 * len(pictures):
            break
        best = hits
    return best / max(faces, 1)


class YuNet:
    """Letter-boxed to its input's size."""

    def __init__(self, file, size=320):
        self.net, self.size = cv2.dnn.readNet(file), size
        self.names = [f'{kind}_{s}' for s in (8, 16, 32) for kind in ('cls', 'obj', 'bbox')]

    def __call__(self, picture, least=0.02):
        scale = self.size / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        whole = np.zeros((self.size, self.size, 3), np.uint8)
        whole[:small.shape[0], :small.shape[1]] = small
        self.net.setInput(cv2.dnn.blobFromImage(whole))
        out = dict(zip(self.names, self.net.forward(self.names)))
        boxes, scores = [], []
        for stride in (8, 16, 32):
            cls, obj, box = (out[f'{kind}_{stride}'][0] for kind in ('cls', 'obj', 'bbox'))
            score = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
            kept = np.nonzero(score > least)[0]
            cell = np.stack([kept % (self.size // stride), kept // (self.size // stride)], 1)
            center, extent = (cell + box[kept, :2]) * stride, np.exp(box[kept, 2:]) * stride
            boxes.append(np.concatenate([center - extent / 2, extent], 1) / scale)
            scores.append(score[kept])
        boxes, scores = np.concatenate(boxes), np.concatenate(scores)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least, 0.45)
        return [(boxes[i], scores[i]) for i in np.array(kept, int).flatten()]


class Haar:
    """Boxes in YuNet's shape: the cascade's are square."""

    def __init__(self, smallest):
        self.cascade, self.smallest = cv2.CascadeClassifier(HAAR), smallest

    def __call__(self, picture):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        boxes, neighbours = self.cascade.detectMultiScale2(grey, 1.1, 1, 0, (self.smallest, self.smallest))
        return [((x + 0.1 * w, y + 0.03 * h, 0.82 * w, 1.07 * h), n) for (x, y, w, h), n in zip(boxes, neighbours)]


def milliseconds(find, pictures):
    find(pictures[0])
    times = []
    for picture in pictures:
        start = time.perf_counter()
        find(picture)
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def evaluate(options, source, *more):
    command = [options.fkp_train, 'eval', '--model', options.model, '--data', source, '--device', 'cpu', '--json', *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def timed(options, pictures, width, height):
    """Milliseconds of the project's detector on pictures of this size."""
    with tempfile.TemporaryDirectory() as folder:
        resized = [(cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA), [[0, 0, 1, 1]]) for p in pictures]
        return evaluate(options, write_list(resized, folder))['ms_per_image']


def measure(options, name, source, every, others):
    pictures = read(source, every)
    ours = evaluate(options, source, '--every', str(every))
    found = {'fkpface': ours['recall_fppi01']} | {other: recall(pictures, find) for other, find in others.items()}
    figures = ', '.join(f'{who} {share:.3f}' for who, share in found.items())
    print(f'{name}: {ours["images"]} pictures, {ours["faces"]} faces; recall: {figures}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--fkp-train', required=True)
    parser.add_argument('--model', required=True)
    parser.add_argument('--yunet', help='yunet_n_320_320.onnx')
    parser.add_argument('--every', default=1, type=int, help='of lists of boxes, the first picture and every Nth after it')
    parser.add_argument('--spoilt', action='store_true')
    parser.add_argument('--rounds', default=3, type=int, help='of the timing, all detectors in turn; the least counts')
    parser.add_argument('data', nargs='+', help='wider:FILE or ibug:FOLDER')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    yunet = YuNet(options.yunet) if options.yunet else None
    others = ({'YuNet': yunet} if yunet else {}) | {'Haar': Haar(20)}
    for source in options.data:
        every = options.every if source.startswith('wider:') else 1
        measure(options, source, source, every, others)
        for how, spoil in SPOILT.items() if options.spoilt and source.startswith('wider:') else ():
            pictures = [(cv2.imread(str(file)), boxes) for file, boxes in read(source, every)]
            with tempfile.TemporaryDirectory() as folder:
                copies = write_list([(np.clip(spoil(p), 0, 255).astype(np.uint8), boxes) for p, boxes in pictures], folder)
                measure(options, f'  {how}', copies, 1, others)
    pictures = [cv2.imread(str(file)) for file, _ in read(options.data[0], options.every)[:TIMED_PICTURES]]
    square = [cv2.resize(p, (320, 320)) for p in pictures]
    best = {}
    for _ in range(options.rounds):
        times = {'fkpface 320×320': timed(options, pictures, 320, 320), 'fkpface 320×256': timed(options, pictures, 320, 256)}
        if yunet:
            times['YuNet 320×320'] = milliseconds(yunet, square)
        times['Haar 640×480, from 60 px'] = milliseconds(Haar(60), [cv2.resize(p, (640, 480)) for p in pictures])
        best = {name: min(ms, best.get(name, ms)) for name, ms in times.items()}
    print('; '.join(f'{name}: {ms:.2f} ms' for name, ms in best.items()))


main()
