#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""torch_trainer.py RECIPE BATCHES EPOCHS: the network of trainer/src/net.cpp and the step of trainer/src/train.cpp as one
writes them in PyTorch's Python, on made-up crops that cost nothing. Prints one line of JSON."""
import copy
import json
import math
import sys
import time
import tomllib

import torch
from torch import nn
from torch.nn import functional

STRIDE = 8
POINTS = 68


def conv(inside, outside, stride=1, relu=True, kernel=3):
    layers = [nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outside)]
    return layers + [nn.ReLU()] if relu else layers


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(*conv(width, width), *conv(width, width, relu=False))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def stage(inside, outside, depth):
    layers = conv(inside, outside, 2, kernel=5 if inside == 1 else 3)
    if (depth - 1) % 2:
        layers += conv(outside, outside)
    return layers + [Residual(outside) for _ in range((depth - 1) // 2)]


class SoftArgmaxNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        widths, depths, head = spec['widths'], spec['depths'], spec['head']
        stages = [stage(a, b, d) for a, b, d in zip([1, *widths], widths, depths)]
        self.fine = nn.Sequential(*sum(stages[:3], []))
        self.lateral = nn.Conv2d(widths[2], head, 1)
        self.coarse = nn.ModuleList(nn.Sequential(*s) for s in stages[3:])
        self.tops = nn.ModuleList(nn.Conv2d(w, head, 1) for w in widths[3:])
        self.join = nn.Sequential(*conv(head, head))
        self.maps, self.doubts = nn.Conv2d(head, POINTS, 1), nn.Conv2d(head, POINTS, 1)
        self.score = nn.Sequential(nn.Linear(widths[-1], head), nn.ReLU(), nn.Linear(head, 1))
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
        maps = self.maps(joined).flatten(2)
        weight = maps.softmax(2)
        points = (weight.unsqueeze(2) * self.grid).sum(3)
        confidence = (weight * self.doubts(joined).flatten(2)).sum(2)
        return points, confidence, self.score(x.mean((2, 3))).squeeze(1), maps.log_softmax(2)


def loss_of(net, crops, truth, face, spec, side):
    points, confidence, score, log_maps = net(crops)
    width, curvature = spec.get('wing_width', 10), spec.get('wing_curvature', 2)
    size = (points - truth).abs()
    wing = torch.where(size < width, width * torch.log1p(size / curvature), size - width + width * math.log(1 + width / curvature))
    square = (truth.unsqueeze(3) - net.grid).square().sum(2)
    target = (square / (-2 * spec['map_sigma'] ** 2)).softmax(2)
    per_face = wing.sum(2).mean(1) - (target * log_maps).sum(2).mean(1)
    certainty = torch.exp(-(points.detach() - truth).norm(2, 2) / (0.02 * side))
    doubt = functional.binary_cross_entropy_with_logits(confidence, certainty, reduction='none').mean(1)
    return ((per_face + doubt) * face).sum() / face.sum() + functional.binary_cross_entropy_with_logits(score, face)


def main():
    with open(sys.argv[1], 'rb') as file:
        recipe = tomllib.load(file)
    batches, epochs = int(sys.argv[2]), int(sys.argv[3])
    spec, side = recipe['train'], recipe['network']['input']
    torch.set_num_threads(spec['threads'])
    torch.manual_seed(recipe['seed'])
    net = SoftArgmaxNet(recipe['network']).to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=spec['lr'])
    crops = torch.rand(spec['batch'], 1, side, side) * 2 - 1
    truth = torch.rand(spec['batch'], POINTS, 2) * side
    face = (torch.rand(spec['batch']) > spec['negatives']).float()

    def epoch():
        for _ in range(batches):
            optimizer.zero_grad()
            loss = loss_of(net, crops, truth, face, spec, side)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for slow, fast in zip(average.state_dict().values(), net.state_dict().values()):
                    if slow.is_floating_point():
                        slow.mul_(spec['ema']).add_(fast, alpha=1 - spec['ema'])
            loss.item()

    epoch()
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(epochs):
        epoch()
    print(json.dumps({'images': epochs * batches * spec['batch'], 'wall': time.monotonic() - wall, 'cpu': time.process_time() - cpu,
                      'parameters': sum(p.numel() for p in net.parameters())}))


main()
