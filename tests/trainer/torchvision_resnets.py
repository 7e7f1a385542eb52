# SPDX-License-Identifier: LGPL-2.1-or-later
"""torchvision_resnets.py FOLDER: what start.cpp compares with. resnet18.pth and resnet34.pth are state_dicts of torchvision's
networks, with statistics of their batch norms as after some training; resnet18.io.pth an input in grey and what the network gives for it."""
import sys

import torch
import torchvision

torch.manual_seed(1)
for name in "resnet18", "resnet34":
    network = getattr(torchvision.models, name)()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(module.weight, 0.5, 1.2)  # outputs of 1 to 10, as in trained networks
            torch.nn.init.normal_(module.bias, 0, 0.1)
    network.eval()
    grey = torch.rand(2, 1, 96, 96) * 2 - 1
    with torch.no_grad():
        output = network(grey.expand(-1, 3, -1, -1))
    torch.save(network.state_dict(), f"{sys.argv[1]}/{name}.pth")
    torch.save({"input": grey, "output": output}, f"{sys.argv[1]}/{name}.io.pth")
