#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A recipe's training as one writes it in PyTorch's Python: a Dataset that augments with OpenCV, a DataLoader, the networks of
trainer/src/net/soft_argmax_net.cpp and torchvision's ResNet-18, the loss of trainer/src/train/keypoint_loss.cpp, AdamW, a moving average of the weights.
Prints one line of JSON: what the epochs after the first took, with all workers."""
import argparse
import concurrent.futures
import copy
import json
import math
import multiprocessing
import pathlib
import time
import tomllib

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from measure import processor_seconds

STRIDE = 8
POINTS = 68
SAME_FACE = 0.25  # intersection over union


def mirrored():
    """Which point of a face is which of its mirror image."""
    order = list(range(POINTS))
    for first, last in ((0, 16), (17, 26), (31, 35), (48, 54), (55, 59), (60, 64), (65, 67)):
        order[first:last + 1] = range(last, first - 1, -1)
    order[36:48] = [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    return order


def read_face(points_file):
    lines = points_file.read_text().split('{')[1].split('}')[0].split()
    picture = next(f for f in (points_file.with_suffix(s) for s in ('.jpg', '.png')) if f.exists())
    return cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE), np.array(lines, np.float32).reshape(-1, 2) - 1


class Faces(Dataset):
    """Faces of a folder of .pts files, all in memory; each time another crop."""

    def __init__(self, folder, recipe, seed):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            self.faces = list(pool.map(read_face, sorted(folder.glob('*.pts'))))
        self.augment, self.size = recipe['augment'], recipe['network']['input']
        self.margin, self.negatives = recipe['network']['margin'], recipe['train'].get('negatives', 0)
        self.order = mirrored()
        self.seed(seed)

    def seed(self, seed):
        self.random = np.random.default_rng(seed)
        cv2.setRNGSeed(seed % 2**31)

    def __len__(self):
        return len(self.faces)

    def __getitem__(self, index):
        picture, points = self.faces[index]
        low, high = points.min(0), points.max(0)
        center, side = (low + high) / 2, float((high - low).max())
        face = self.random.random() >= self.negatives
        crop, points = self.face(picture, points, center, side) if face else (self.elsewhere(picture, center, side), points)
        return self.spoilt(crop), points, np.float32(face)

    def cut(self, picture, center, side, angle):
        scale = self.size / side
        c, s = math.cos(angle) * scale, math.sin(angle) * scale
        linear = np.array([[c, s], [-s, c]], np.float32)
        matrix = np.column_stack([linear, (self.size - 1) / 2 - linear @ np.asarray(center, np.float32)])
        return cv2.warpAffine(picture, matrix, (self.size, self.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), matrix

    def face(self, picture, points, center, side):
        a, normal = self.augment, self.random.standard_normal
        side *= self.margin
        center = center + normal(2) * a['shift'] * side
        side *= math.exp(normal() * a['scale'])
        wide = self.random.random() < a.get('wide_share', 0.1)
        angle = math.radians(self.random.uniform(-a['wide_rotation'], a['wide_rotation']) if wide else normal() * a['rotation'])
        crop, matrix = self.cut(picture, center, side, angle)
        points = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        if a['mirror'] and self.random.random() < 0.5:
            crop, points = cv2.flip(crop, 1), points[self.order]
            points[:, 0] = self.size - 1 - points[:, 0]
        return crop, points

    def elsewhere(self, picture, center, face):
        """What is no face, or one placed too badly to be followed."""
        height, width = picture.shape
        while True:
            side = face * math.exp(self.random.uniform(-1.6, 1.1))
            x, y = self.random.uniform(0, width), self.random.uniform(0, height)
            across, down = (max(0, min(face, side, (face + side) / 2 - abs(d))) for d in (x - center[0], y - center[1]))
            if across * down < SAME_FACE * (face**2 + side**2 - across * down):
                break
        limit = math.radians(self.augment['wide_rotation'])
        return self.cut(picture, (x, y), side * self.margin, self.random.uniform(-limit, limit))[0]

    def spoilt(self, crop):
        a, random, uniform = self.augment, self.random.random, self.random.uniform
        if random() < a['resample']:
            small = int(uniform(20, 80))
            how = cv2.INTER_LINEAR if random() < 0.5 else cv2.INTER_CUBIC
            crop = cv2.resize(cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA), (self.size, self.size), interpolation=how)
        if random() < a['blur']:
            crop = cv2.GaussianBlur(crop, (0, 0), uniform(0.5, 2.5)) if random() < 0.5 else self.moved(crop)
        gain, mean = math.exp(self.random.normal(0, a['contrast'])), cv2.mean(crop)[0]
        greys = np.arange(256) * gain + mean * (1 - gain) + 255 * self.random.normal(0, a['brightness'])
        crop = cv2.LUT(crop, np.clip(np.rint(greys), 0, 255).astype(np.uint8))
        if random() < a['noise']:
            noise = np.empty(crop.shape, np.int16)
            cv2.randn(noise, 0, math.exp(uniform(math.log(2), math.log(40))))
            crop = cv2.add(crop, noise, dtype=cv2.CV_8U)
        if random() < a['erase']:
            width, height = (int(uniform(0.1, 0.4) * self.size) for _ in range(2))
            x, y = int(uniform(0, self.size - width)), int(uniform(0, self.size - height))
            patch = crop[y:y + height, x:x + width]
            if random() < 0.5:
                patch[:] = uniform(0, 255)
            else:
                cv2.randu(patch, 0, 256)
        return crop[None]

    def moved(self, crop):
        length = 3 + 2 * int(self.random.uniform(0, 4))
        angle = self.random.uniform(0, math.pi)
        middle = (length - 1) / 2
        half = np.array([math.cos(angle), math.sin(angle)]) * middle
        line = np.zeros((length, length), np.float32)
        cv2.line(line, np.rint(middle - half).astype(int).tolist(), np.rint(middle + half).astype(int).tolist(), 1)
        return cv2.filter2D(crop, -1, line / line.sum())


def conv(inside, outside, stride=1, relu=True, kernel=3):
    layers = [nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outside)]
    return layers + [nn.ReLU(inplace=True)] if relu else layers


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(*conv(width, width), *conv(width, width, relu=False))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def stage(inside, outside, depth, pooled):
    first = inside == 1
    layers = [nn.MaxPool2d(2)] if pooled and not first else []
    layers += conv(inside, outside, 1 if layers else 2, kernel=5 if first else 3)
    if (depth - 1) % 2:
        layers += conv(outside, outside)
    return layers + [Residual(outside) for _ in range((depth - 1) // 2)]


class SoftArgmaxNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        widths, depths, head = spec['widths'], spec['depths'], spec['head']
        stages = [stage(a, b, d, spec.get('halving') == 'pool') for a, b, d in zip([1, *widths], widths, depths)]
        self.fine = nn.Sequential(*sum(stages[:3], []))
        self.lateral = nn.Conv2d(widths[2], head, 1)
        self.coarse = nn.ModuleList(nn.Sequential(*s) for s in stages[3:])
        self.tops = nn.ModuleList(nn.Conv2d(w, head, 1) for w in widths[3:])
        self.join = nn.Sequential(*conv(head, head))
        self.maps, self.doubts = nn.Conv2d(head, POINTS, 1), nn.Conv2d(head, POINTS, 1)
        self.score = nn.Sequential(nn.Linear(widths[-1], head), nn.ReLU(), nn.Linear(head, 1))
        self.shape = None
        if spec.get('shape'):
            self.shape = nn.Sequential(nn.Linear(2 * POINTS + widths[-1], spec['shape']), nn.ReLU(), nn.Linear(spec['shape'], 2 * POINTS))
            nn.init.zeros_(self.shape[2].weight)
            nn.init.zeros_(self.shape[2].bias)
        self.half = spec['input'] / 2
        centers = torch.arange(spec['input'] // STRIDE) * STRIDE + (STRIDE - 1) / 2
        y, x = torch.meshgrid(centers, centers, indexing='ij')
        self.register_buffer('grid', torch.stack([x.flatten(), y.flatten()]))

    def forward(self, crops):
        x = self.fine(crops)
        total = self.lateral(x)
        for coarse, top in zip(self.coarse, self.tops):
            x = coarse(x)
            total = total + functional.interpolate(torch.relu(top(x)), size=total.shape[2:])
        joined = self.join(total)
        maps = self.maps(joined).flatten(2).float()
        weight = maps.softmax(2)
        points = (weight.unsqueeze(2) * self.grid).sum(3)
        confidence = (weight * self.doubts(joined).flatten(2)).sum(2)
        mean = x.mean((2, 3))
        if self.shape:
            with torch.autocast('cpu', enabled=False):
                moved = self.shape(torch.cat([(points / self.half - 1).flatten(1), mean.float()], 1))
            points = points + moved.view_as(points) * self.half
        return points, confidence, self.score(mean).squeeze(1).float(), maps.log_softmax(2)


class ResNet18(nn.Module):
    """torchvision's, of one input channel, whose outputs are points from edge to edge."""

    def __init__(self, side):
        super().__init__()
        import torchvision  # needed for this network alone
        self.net = torchvision.models.resnet18(num_classes=2 * POINTS)
        self.net.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.side = side

    def forward(self, crops):
        return (self.net(crops).float().view(-1, POINTS, 2) * self.side - 0.5,)


def loss_of(net, output, truth, face, spec, side):
    points = output[0]
    width, curvature = spec.get('wing_width', 10), spec.get('wing_curvature', 2)
    size = (points - truth).abs()
    wing = torch.where(size < width, width * torch.log1p(size / curvature), size - width + width * math.log(1 + width / curvature))
    per_face = wing.sum(2).mean(1)
    if len(output) > 1:
        confidence, log_maps = output[1], output[3]
        square = (truth.unsqueeze(3) - net.grid).square().sum(2)
        target = (square / (-2 * spec['map_sigma'] ** 2)).softmax(2)
        certainty = torch.exp(-(points.detach() - truth).norm(2, 2) / (0.02 * side))
        doubt = functional.binary_cross_entropy_with_logits(confidence, certainty, reduction='none')
        per_face = per_face - (target * log_maps).sum(2).mean(1) + doubt.mean(1)
    loss = (per_face * face).sum() / face.sum()
    return loss + functional.binary_cross_entropy_with_logits(output[2], face) if len(output) > 1 else loss


def with_workers():
    """Processor seconds of this process and its workers."""
    return time.process_time() + sum(processor_seconds(worker.pid) for worker in multiprocessing.active_children())


def start_worker(_):
    cv2.setNumThreads(0)
    info = torch.utils.data.get_worker_info()
    info.dataset.seed(info.seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recipe')
    parser.add_argument('folder', type=pathlib.Path, help='of pictures with .pts files')
    parser.add_argument('--epochs', type=int, default=1)
    parser.add_argument('--workers', type=int, default=0, help='processes of the DataLoader')
    args = parser.parse_args()
    with open(args.recipe, 'rb') as file:
        recipe = tomllib.load(file)
    spec, side = recipe['train'], recipe['network']['input']
    torch.set_num_threads(spec['threads'])
    cv2.setNumThreads(0)
    torch.manual_seed(recipe['seed'])
    net = ResNet18(side) if 'layers' in recipe['network'] else SoftArgmaxNet(recipe['network'])
    net = net.to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(net)
    slow, fast = ([t for t in n.state_dict().values() if t.is_floating_point()] for n in (average, net))
    optimizer = torch.optim.AdamW(net.parameters(), lr=spec['lr'], foreach=True)
    faces = Faces(args.folder, recipe, recipe['seed'])
    loader = DataLoader(faces, spec['batch'], shuffle=True, drop_last=True, num_workers=args.workers, worker_init_fn=start_worker,
                        persistent_workers=args.workers > 0)

    def epoch():
        for crops, truth, face in loader:
            # .to(memory_format=…) leaves a single channel as it is, and the first convolution goes by its strides.
            crops = torch.empty(crops.shape, memory_format=torch.channels_last).copy_(crops).mul_(2 / 255).sub_(1)
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast('cpu', torch.bfloat16, enabled=spec.get('precision') == 'bf16'):
                output = net(crops)
            loss = loss_of(net, output, truth, face, spec, side)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                torch._foreach_mul_(slow, spec['ema'])
                torch._foreach_add_(slow, fast, alpha=1 - spec['ema'])
            if not math.isfinite(loss.item()):
                raise SystemExit('the loss is no number any more')

    epoch()
    wall, cpu = time.monotonic(), with_workers()
    for _ in range(args.epochs):
        epoch()
    print(json.dumps({'images': args.epochs * len(loader) * spec['batch'], 'wall': time.monotonic() - wall, 'cpu': with_workers() - cpu,
                      'parameters': sum(p.numel() for p in net.parameters())}))


main()
