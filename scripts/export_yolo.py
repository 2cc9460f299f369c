"""Exports networks of the shapes of YOLOv8 and YOLOv5 with random weights, as ONNX files: python3 export_yolo.py FOLDER [--only v8]

The shapes are written here after the published descriptions: stages of strides 2 to 32, a pooling pyramid, a neck that goes up and down
again, and a head for each of strides 8, 16, 32. v8 ends in [1, 4 + classes, n] with boxes from a softmax over distances, v5 in
[1, n, 5 + classes] with three anchors for each cell. Weights are those of a fixed seed, normalizations know random pictures, so that values
keep their size and every class its share. The defaults are the smallest published size, n: 640 pixels, 80 classes.
--width 2 --bins 4 --classes 3 --side 64 makes the fixtures of the tests. Beside each file NAME.npy has torch's own output for the picture whose entry i is
(7919 i mod 1009) / 1008, an oracle that needs no other runtime.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")


class Unit(nn.Sequential):
    """Convolution, normalization, SiLU."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, pad=None):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if pad is None else pad, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3),
            nn.SiLU(),
        )


class Bottleneck(nn.Module):
    def __init__(self, channels, kernel, adds):
        super().__init__()
        self.first = Unit(channels, channels, kernel)
        self.second = Unit(channels, channels, 3)
        self.adds = adds

    def forward(self, x):
        y = self.second(self.first(x))
        return x + y if self.adds else y


class SplitStage(nn.Module):
    """v8's C2f: one half goes through the bottlenecks, and all that comes between them is joined."""

    def __init__(self, inputs, outputs, repeats, adds):
        super().__init__()
        half = outputs // 2
        self.enter = Unit(inputs, outputs)
        self.steps = nn.ModuleList(Bottleneck(half, 3, adds) for _ in range(repeats))
        self.leave = Unit((2 + repeats) * half, outputs)

    def forward(self, x):
        parts = list(self.enter(x).chunk(2, 1))
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class CrossStage(nn.Module):
    """v5's C3: one branch goes through the bottlenecks, the other passes by."""

    def __init__(self, inputs, outputs, repeats, adds):
        super().__init__()
        half = outputs // 2
        self.enter = Unit(inputs, half)
        self.aside = Unit(inputs, half)
        self.steps = nn.Sequential(*(Bottleneck(half, 1, adds) for _ in range(repeats)))
        self.leave = Unit(2 * half, outputs)

    def forward(self, x):
        return self.leave(torch.cat((self.steps(self.enter(x)), self.aside(x)), 1))


class Pyramid(nn.Module):
    """SPPF: pools of 5, 9 and 13 cells, each from the one before it."""

    def __init__(self, channels):
        super().__init__()
        self.enter = Unit(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.leave = Unit(2 * channels, channels)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class Body(nn.Module):
    """The stages and the neck: maps of strides 8, 16 and 32. v5 narrows before it goes up, and joins what it narrowed on the way down."""

    def __init__(self, width, stage, repeats, narrows):
        super().__init__()
        c = [width * 2**i for i in range(5)]
        self.stem = Unit(3, c[0], 6, 2, 2) if narrows else Unit(3, c[0], 3, 2)
        self.down = nn.ModuleList(Unit(c[i], c[i + 1], 3, 2) for i in range(4))
        self.stages = nn.ModuleList(stage(c[i + 1], c[i + 1], repeats[i], True) for i in range(4))
        self.pyramid = Pyramid(c[4])
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.narrow = nn.ModuleList(Unit(c[i], c[i - 1]) if narrows else nn.Identity() for i in (4, 3))
        high, middle = (c[3], c[2]) if narrows else (c[4], c[3])
        self.rise = nn.ModuleList((stage(high + c[3], c[3], 1, False), stage(middle + c[2], c[2], 1, False)))
        self.sink = nn.ModuleList(Unit(c[i], c[i], 3, 2) for i in (2, 3))
        self.fall = nn.ModuleList((stage(c[2] + middle, c[3], 1, False), stage(c[3] + high, c[4], 1, False)))

    def forward(self, x):
        x = self.stem(x)
        maps = []
        for down, stage in zip(self.down, self.stages):
            x = stage(down(x))
            maps.append(x)
        high = self.narrow[0](self.pyramid(x))
        middle = self.narrow[1](self.rise[0](torch.cat((self.up(high), maps[2]), 1)))
        low = self.rise[1](torch.cat((self.up(middle), maps[1]), 1))
        second = self.fall[0](torch.cat((self.sink[0](low), middle), 1))
        third = self.fall[1](torch.cat((self.sink[1](second), high), 1))
        return low, second, third


STRIDES = (8, 16, 32)


def cells(side, stride):
    """Column and row of each cell of a grid, [2, n]."""
    at = torch.arange(side // stride, dtype=torch.float32)
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack((x.reshape(-1), y.reshape(-1)))


class Eight(nn.Module):
    """v8: apart for boxes and classes, a softmax over the distance to each side of a box, no anchors but the cells' middles."""

    def __init__(self, width, classes, side, bins):
        super().__init__()
        self.body = Body(width, SplitStage, (1, 2, 2, 1), False)
        channels = [4 * width, 8 * width, 16 * width]
        wide, deep = max(16, channels[0] // 4, 4 * bins), max(channels[0], min(classes, 100))

        def head(inputs, hidden, outputs):
            return nn.Sequential(Unit(inputs, hidden, 3), Unit(hidden, hidden, 3), nn.Conv2d(hidden, outputs, 1))

        self.boxes = nn.ModuleList(head(c, wide, 4 * bins) for c in channels)
        self.classes = nn.ModuleList(head(c, deep, classes) for c in channels)
        self.distance = nn.Conv2d(bins, 1, 1, bias=False)
        self.shares = (4 * bins, classes)
        self.register_buffer("middles", torch.cat([cells(side, s) + 0.5 for s in STRIDES], 1))
        self.register_buffer("strides", torch.cat([torch.full((1, (side // s) ** 2), float(s)) for s in STRIDES], 1))

    def forward(self, x):
        maps = self.body(x)
        each = [torch.cat((b(y), c(y)), 1) for y, b, c in zip(maps, self.boxes, self.classes)]
        boxes, classes = torch.cat([y.flatten(2) for y in each], 2).split(self.shares, 1)
        bins = self.shares[0] // 4
        shares = boxes.view(-1, 4, bins, self.middles.shape[1]).transpose(2, 1).softmax(1)
        before, after = self.distance(shares).view(-1, 4, self.middles.shape[1]).chunk(2, 1)
        first, last = self.middles - before, self.middles + after
        place = torch.cat(((first + last) / 2, last - first), 1) * self.strides
        return torch.cat((place, classes.sigmoid()), 1)


ANCHORS = (((10, 13), (16, 30), (33, 23)), ((30, 61), (62, 45), (59, 119)), ((116, 90), (156, 198), (373, 326)))


class Five(nn.Module):
    """v5: three anchors for each cell, each with a place, a size, whether there is anything, and classes."""

    def __init__(self, width, classes, side, _):
        super().__init__()
        self.body = Body(width, CrossStage, (1, 2, 3, 1), True)
        self.each = 5 + classes
        self.heads = nn.ModuleList(nn.Conv2d(c * width, 3 * self.each, 1) for c in (4, 8, 16))
        for i, (stride, sizes) in enumerate(zip(STRIDES, ANCHORS)):
            n = side // stride
            grid = cells(side, stride).T.reshape(1, 1, n, n, 2) - 0.5
            self.register_buffer(f"grid{i}", grid.repeat(1, 3, 1, 1, 1))
            self.register_buffer(f"sizes{i}", torch.tensor(sizes, dtype=torch.float32).reshape(1, 3, 1, 1, 2))

    def forward(self, x):
        found = []
        for i, (y, head) in enumerate(zip(self.body(x), self.heads)):
            y = head(y)
            n = y.shape[-1]
            y = y.view(-1, 3, self.each, n, n).permute(0, 1, 3, 4, 2).contiguous().sigmoid()
            place, size, rest = y.split((2, 2, self.each - 4), 4)
            place = (place * 2 + getattr(self, f"grid{i}")) * STRIDES[i]
            size = (size * 2) ** 2 * getattr(self, f"sizes{i}")
            found.append(torch.cat((place, size, rest), 4).view(-1, 3 * n * n, self.each))
        return torch.cat(found, 1)


@torch.no_grad()
def settled(network, side):
    """Random weights, and normalizations that know what comes to them from random pictures."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            # The last of a head: small, so that no sigmoid is 1.
            if module.bias is not None:
                module.weight.mul_(0.3)
                nn.init.normal_(module.bias, -1, 0.5)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.8, 1.2)
            nn.init.normal_(module.bias, 0, 0.2)
            module.momentum = 1
    if isinstance(network, Eight):
        bins = network.distance.weight.shape[1]
        network.distance.weight.copy_(torch.arange(bins, dtype=torch.float32).view(1, bins, 1, 1))
    # Where few cells are left, several pictures say how values vary.
    count = max(1, (256 // side) ** 2)
    pictures = torch.rand(count, 3, side, side)
    patches = nn.functional.interpolate(torch.rand(count, 3, 8, 8), size=(side, side), mode="bilinear")
    network.train()(torch.cat((pictures, patches)))
    return network.eval()


def export(name, network, side, opset, folder):
    path = folder / f"{name}-{opset}.onnx"
    at = torch.arange(3 * side * side, dtype=torch.float64)
    x = (7919 * at % 1009 / 1008).float().view(1, 3, side, side)
    torch.onnx.export(network, x, path, opset_version=opset, input_names=["images"], output_names=["output0"])
    with torch.no_grad():
        y = network(x)
    np.save(folder / f"{name}.npy", y.numpy())
    print(path, list(y.shape), f"{path.stat().st_size / 1e6:.2f} MB")


def main():
    kinds = {"v8": Eight, "v5": Five}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=kinds)
    parser.add_argument("--opset", type=int, nargs="+", default=[13])
    parser.add_argument("--width", type=int, default=16, help="channels of the first stage")
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument("--side", type=int, default=640)
    parser.add_argument("--bins", type=int, default=16, help="distances of v8's boxes")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for kind in [asked.only] if asked.only else kinds:
        torch.manual_seed(0)
        network = settled(kinds[kind](asked.width, asked.classes, asked.side, asked.bins), asked.side)
        for opset in asked.opset:
            export(f"yolo-{kind}", network, asked.side, opset, asked.folder)


main()
