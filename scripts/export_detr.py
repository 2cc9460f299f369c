"""Exports a small network of the shape of DETR with random weights, as an ONNX file: python3 export_detr.py FOLDER

The shape is written here after the published description: a convolutional trunk of stride 16, its cells as tokens with sines of their places, an
encoder, a decoder whose queries are learned, and of each query the logits of the classes and of none, and a box as shares of the picture's
sides. Weights are those of a fixed seed. --classes 5 --side 64 --width 16 makes the fixture of the tests. Beside the file two arrays hold torch's own
outputs for the picture whose entry i is (7919 i mod 1009) / 1008.
"""

import argparse
import math
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")


class Attention(nn.Module):
    """Attention of several heads, written out: what torch fuses has no ONNX of its own. Places are added to queries and keys alone."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.leave = (nn.Linear(width, width) for _ in range(4))

    def forward(self, queries, keys, values):
        def split(x):
            return x.view(1, x.shape[1], self.heads, x.shape[2] // self.heads).transpose(1, 2)

        q, k, v = split(self.query(queries)), split(self.key(keys)), split(self.value(values))
        shares = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).softmax(3)
        return self.leave((shares @ v).transpose(1, 2).reshape(1, queries.shape[1], -1))


def feed(width):
    return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))


class EncoderLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention, self.feed = Attention(width, heads), feed(width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))

    def forward(self, x, place):
        x = self.norms[0](x + self.attention(x + place, x + place, x))
        return self.norms[1](x + self.feed(x))


class DecoderLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.own, self.across, self.feed = Attention(width, heads), Attention(width, heads), feed(width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))

    def forward(self, x, queries, memory, place):
        x = self.norms[0](x + self.own(x + queries, x + queries, x))
        x = self.norms[1](x + self.across(x + queries, memory + place, memory))
        return self.norms[2](x + self.feed(x))


def places(width, side):
    """Sines and cosines of the row and the column of each cell, [1, side², width]."""
    steps = 10000 ** (torch.arange(width // 4) / (width // 4))
    at = (torch.arange(side) + 1) / side * 2 * math.pi
    waves = torch.cat(((at[:, None] / steps).sin(), (at[:, None] / steps).cos()), 1)
    rows = waves[:, None].expand(side, side, -1)
    columns = waves[None].expand(side, side, -1)
    return torch.cat((rows, columns), 2).reshape(1, side * side, width)


class Detr(nn.Module):
    def __init__(self, width, classes, side, queries):
        super().__init__()
        sizes = (3, width // 2, width // 2, width, width)
        self.trunk = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
                for a, b in zip(sizes, sizes[1:])
            )
        )
        self.project = nn.Conv2d(width, width, 1)
        self.register_buffer("place", places(width, side // 16))
        # Far apart, so that each query finds a box of its own.
        self.queries = nn.Parameter(4 * torch.randn(1, queries, width))
        self.encoder = nn.ModuleList(EncoderLayer(width, 4) for _ in range(2))
        self.decoder = nn.ModuleList(DecoderLayer(width, 4) for _ in range(2))
        self.classes = nn.Linear(width, classes + 1)
        self.boxes = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 4))

    def found(self, x):
        """What each query finds, [1, queries, width]."""
        memory = self.project(self.trunk(x)).flatten(2).transpose(1, 2)
        for layer in self.encoder:
            memory = layer(memory, self.place)
        found = torch.zeros_like(self.queries)
        for layer in self.decoder:
            found = layer(found, self.queries, memory, self.place)
        return found

    def forward(self, x):
        found = self.found(x)
        return self.classes(found), self.boxes(found).sigmoid()


@torch.no_grad()
def settled(network, picture):
    """Random weights; normalizations of the trunk know random pictures, the two heads what queries find in this one."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, 1.5 / math.sqrt(module.in_features))
            nn.init.normal_(module.bias, 0, 0.5)
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1
    network.trunk.train()(torch.rand(16, *picture.shape[1:]))
    network.eval()
    # So that queries differ: what they find in the picture is centred and brought to size.
    found = network.found(picture)
    for head, middle in ((network.classes, 0), (network.boxes[2], torch.tensor([0.0, 0.0, -1.0, -1.0]))):
        y = (network.boxes if head is network.boxes[2] else head)(found)[0]
        size = 1 / y.std(0)
        head.bias.copy_((head.bias - y.mean(0)) * size + middle)
        head.weight.mul_(size[:, None])
    return network


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--opset", type=int, default=13)
    parser.add_argument("--width", type=int, default=64, help="entries of a token, a multiple of 8")
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument("--side", type=int, default=256)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    at = torch.arange(3 * asked.side**2, dtype=torch.float64)
    x = (7919 * at % 1009 / 1008).float().view(1, 3, asked.side, asked.side)
    torch.manual_seed(0)
    network = settled(Detr(asked.width, asked.classes, asked.side, asked.queries), x)
    path = asked.folder / f"detr-{asked.opset}.onnx"
    names = {"input_names": ["images"], "output_names": ["logits", "boxes"]}
    torch.onnx.export(network, x, path, opset_version=asked.opset, **names)
    with torch.no_grad():
        logits, boxes = network(x)
    np.save(asked.folder / "detr-logits.npy", logits.numpy())
    np.save(asked.folder / "detr-boxes.npy", boxes.numpy())
    print(path, list(logits.shape), list(boxes.shape), f"{path.stat().st_size / 1e6:.2f} MB")


main()
