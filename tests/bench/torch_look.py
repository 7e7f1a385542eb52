#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faces a second of a model's network as one runs it in PyTorch's Python: OpenCV cuts the crops out of a frame, on one thread, the frozen
network takes them as one batch, points come back. Prints one line of JSON: by batch size, median milliseconds of the clock and of the processor."""
import argparse
import json
import statistics
import time

import cv2
import numpy as np
import torch

SIDE, MARGIN, APART = 180, 1.25, 8  # the faces of look.cpp


def network(file, device):
    net = torch.jit.load(file).eval()
    for tensor in (*net.parameters(), *net.buffers()):
        if tensor.dtype == torch.half:
            tensor.data = tensor.data.float()  # as they are stored
    net = torch.jit.freeze(net.to(device))
    return torch.jit.optimize_for_inference(net) if device.type == 'cpu' else net


def crops(frame, count, size):
    side = SIDE * MARGIN
    made = np.empty((count, 1, size, size), np.uint8)
    for i in range(count):
        left, top = 10 + 1.1 * SIDE * (i % APART) - (side - SIDE) / 2, 10 - (side - SIDE) / 2
        made[i, 0] = cv2.warpAffine(frame, np.array([[size / side, 0, -left * size / side], [0, size / side, -top * size / side]]), (size, size),
                                    borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(made)


def look(net, frame, count, size, device, precision):
    pixels = crops(frame, count, size).to(device).float().div_(255)
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == 'bf16'):
        found = net(pixels)
    return [part.float().cpu() for part in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', help="of one channel's square crops, 0 to 1")
    parser.add_argument('--size', type=int, default=128, help='of a crop')
    parser.add_argument('--device', type=torch.device, default='cpu')
    parser.add_argument('--precision', choices=['fp32', 'bf16'], default='fp32')
    parser.add_argument('--batches', type=int, nargs='+', default=[1, 4, 8, 64, 512])
    parser.add_argument('--seconds', type=float, default=0.5, help='of each batch size, at least')
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.jit.set_fusion_strategy([('STATIC', 0), ('DYNAMIC', 0)])  # else it compiles for each batch size
    x, y = np.meshgrid(np.arange(1920), np.arange(1080))
    frame = (16 + (x * 7 + y * 13) % 220).astype(np.uint8)
    net = network(args.model, args.device)
    found = {}
    with torch.inference_mode():
        for count in args.batches:
            look_again = lambda: look(net, frame, count, args.size, args.device, args.precision)
            for _ in range(3):  # it settles after two
                look_again()
            times = []
            while sum(wall for wall, _ in times) < args.seconds:
                start = time.perf_counter(), time.process_time()
                look_again()
                times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
            found[count] = {what: 1000 * statistics.median(t[i] for t in times) for i, what in enumerate(('wall', 'cpu'))}
    print(json.dumps(found))


main()
