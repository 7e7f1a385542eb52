# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is run: the sample clip, larger films made of it, pipelines over them, and the peers."""
import os
import pathlib
import shutil
import subprocess
import sys

from measure import Skipped

TREE = pathlib.Path(__file__).resolve().parents[2]
DLIB_PREDICTOR = pathlib.Path('/usr/share/dlib/shape_predictor_68_face_landmarks.dat')

PYTHON = '/usr/bin/python3'  # the one that Debian's packages are for

# Debian's packages of what is compared with.
PACKAGES = {'facedetect': 'gstreamer1.0-opencv', 'dlib': 'libdlib-dev libdlib-data', 'benchmark': 'libbenchmark-dev', 'torch': 'python3-torch python3-torchvision python3-opencv'}


def has_facedetect():
    return subprocess.run(['gst-inspect-1.0', '--exists', 'facedetect'], check=False).returncode == 0


def has_torch():
    return os.path.exists(PYTHON) and subprocess.run([PYTHON, '-c', 'import cv2, torch, torchvision'], check=False, stderr=subprocess.DEVNULL).returncode == 0


def missing(peer):
    return f'{peer}: skipped, it needs {PACKAGES[peer]}'


def data_folder():
    folder = pathlib.Path(os.environ.get('FKP_DATA') or TREE.parent / 'shared/data')
    if not folder.is_dir():
        raise Skipped('needs FKP_DATA')
    return folder


def decoded(film, frames=0):
    """The film's frames as they stand; the first `frames` of them where it is not 0."""
    return f'filesrc location="{film}" ! decodebin ! ' + (f'identity eos-after={frames} ! ' if frames else '')


def facedetect(film, frames=0):
    return decoded(film, frames) + 'videoconvert ! facedetect display=false ! fakesink'


def decoded_on_one_thread(film):
    """The same, so that nothing else runs while an element has a frame."""
    return f'filesrc location="{film}" ! qtdemux ! h264parse ! avdec_h264 max-threads=1 ! '


class Programs:
    """Those of a build folder."""

    def __init__(self, build):
        self.folder = pathlib.Path(build).resolve() / 'tests/bench'
        if not (self.folder / 'bench-run').exists():
            raise SystemExit(f'compare: there is no {self.folder}/bench-run: ninja -C {build} makes it')

    def pipeline(self, text, frames=0):
        return [str(self.folder / 'bench-run'), *(['--frames', str(frames)] if frames else []), text]

    def has_dlib(self):
        return (self.folder / 'bench-dlib-video').exists() and DLIB_PREDICTOR.exists()

    def dlib(self, film, frames=0, smallest=80):
        return [str(self.folder / 'bench-dlib-video'), str(DLIB_PREDICTOR), str(film), str(frames), str(smallest)]


class Films:
    """The clip, and what is made of it in a folder: scaled up, and as a mosaic of four."""

    def __init__(self, clip, folder, frames):
        self.clip, self.folder, self.frames = pathlib.Path(clip).resolve(), pathlib.Path(folder), frames
        if not self.clip.is_file():
            raise Skipped(f'there is no {self.clip}')

    def of(self, width, height, faces=1):
        """A film of one or four faces in that size; borders keep faces as they are."""
        film = self.folder / f'{width}x{height}-{faces}.mp4'
        if film.exists():
            return film
        # Under load some frame may come without a time, which mp4mux refuses; videorate gives it one.
        size = f'videorate ! videoscale ! video/x-raw,width={width},height={height},pixel-aspect-ratio=1/1'
        sink = f'{size} ! x264enc speed-preset=ultrafast quantizer=18 pass=quant ! mp4mux ! filesink location="{film}.part"'
        source = decoded(self.clip, self.frames)
        if faces == 1:
            text = f'{source} {sink}'
        else:
            corners = ' '.join(f'sink_{i}::xpos={i % 2 * 400} sink_{i}::ypos={i // 2 * 300}' for i in range(4))
            text = f'compositor name=mosaic {corners} ! video/x-raw,format=I420,width=800,height=600 ! {sink} {source} tee name=four '
            text += ' '.join('four. ! queue ! mosaic.' for _ in range(4))
        print(f'making {film.name}', file=sys.stderr)
        subprocess.run(['gst-launch-1.0', '-q', *text.split()], check=True)
        shutil.move(f'{film}.part', film)
        return film
