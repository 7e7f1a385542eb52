#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""label_clip.py FILM FOLDER [--every N] [--model MODEL]: a set to train on, from a film of one face.

Every Nth frame goes to FOLDER as a picture, FOLDER/points.csv has the 68 points that the shipped network finds in it, in the
form that a recipe reads as csv:FOLDER/points.csv. Needs ffmpeg and fkp-train (in PATH, or named by --fkp-train). Ten frames in
a row make a group, told by the pictures' names, that is never split between training and validation: neighbours look alike.
"""
import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

GROUP = 10    # pictures
SURE = 0.5    # minimum score of a face


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('film', type=pathlib.Path)
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--every', type=int, default=8, help='frames [8]')
    parser.add_argument('--model', default='fkp68', help='file, or name in FKP_MODEL_PATH [fkp68]')
    parser.add_argument('--fkp-train', default='fkp-train', help='the program')
    arguments = parser.parse_args()
    table = arguments.folder / 'points.csv'
    if table.exists():
        sys.exit(f'{table} is there already')
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        frames = pathlib.Path(scratch) / 'frames'
        frames.mkdir()
        subprocess.run(['ffmpeg', '-v', 'error', '-i', arguments.film, '-vf', f'select=not(mod(n\\,{arguments.every}))', '-vsync', 'vfr',
                        frames / '%04d.png'], check=True)
        pictures = sorted(frames.iterdir())
        subprocess.run([arguments.fkp_train, 'predict', *pictures, '--model', arguments.model, '-o', f'{scratch}/found'], check=True,
                       stdout=subprocess.DEVNULL)
        rows = []
        for picture, line in zip(pictures, open(f'{scratch}/found/faces.jsonl', encoding='utf-8')):
            faces = [f for f in json.loads(line)['faces'] if f['score'] >= SURE]
            if len(faces) != 1:
                continue
            number = int(picture.stem)
            name = f'part{(number - 1) // GROUP:03}_{number:04}.png'
            shutil.copy(picture, arguments.folder / name)
            rows.append([name, *(c for x, y, *_ in faces[0]['points'] for c in (x, y))])
    if not rows:
        sys.exit(f'{arguments.film} shows no face')
    with open(table, 'w', newline='', encoding='utf-8') as out:
        writer = csv.writer(out)
        writer.writerow(['picture', *(f'{axis}{i}' for i in range((len(rows[0]) - 1) // 2) for axis in 'xy')])
        writer.writerows(rows)
    print(f'{table}: {len(rows)} of {len(pictures)} pictures with a face')


if __name__ == '__main__':
    main()
