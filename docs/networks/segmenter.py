"""Trains docs/networks/segmenter.onnx, a small fully convolutional network that gives each pixel one of three classes (ground, disc,
square), and draws docs/networks/shapes.png. Needs PyTorch and Pillow; a few minutes.

    python3 docs/networks/segmenter.py
"""
import os

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

SIDE = 64
folder = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(0)


def scene():
    """A picture [3, 64, 64] of discs and squares in any colours, and the class of each pixel."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    ground = random.uniform(0.3, 0.7, 3)[:, None, None] + 0.1 * (x - y) / SIDE
    picture = np.broadcast_to(ground, (3, SIDE, SIDE)).copy()
    classes = np.zeros((SIDE, SIDE), np.int64)
    for _ in range(random.integers(2, 4)):
        cx, cy, r = random.integers(12, 52), random.integers(12, 52), random.integers(7, 13)
        kind = random.integers(1, 3)
        shape = (x - cx) ** 2 + (y - cy) ** 2 <= r * r if kind == 1 else np.maximum(abs(x - cx), abs(y - cy)) <= 0.9 * r
        picture[:, shape] = random.uniform(0, 1, 3)[:, None]
        classes[shape] = kind
    return np.clip(picture + random.normal(0, 0.02, picture.shape), 0, 1).astype(np.float32), classes


def block(a, b, stride=1):
    return [nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]


class Segmenter(nn.Module):
    """Halved three times, then doubled three times, each time beside what there was at that size: 8 x 8 cells see the whole picture."""

    def __init__(self, widths=(10, 16, 24, 32)):
        super().__init__()
        self.down = nn.ModuleList(
            nn.Sequential(*block(a, b, 1 if a == 3 else 2)) for a, b in zip((3, *widths), widths)
        )
        self.middle = nn.Sequential(*block(widths[-1], widths[-1]), *block(widths[-1], widths[-1]))
        self.up = nn.ModuleList(nn.Sequential(*block(a + b, b)) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.classify = nn.Conv2d(widths[0], 3, 1)

    def forward(self, x):
        sizes = []
        for layer in self.down:
            x = layer(x)
            sizes.append(x)
        x = self.middle(sizes.pop())
        for layer in self.up:
            x = nn.functional.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
            x = layer(torch.cat([x, sizes.pop()], 1))
        return self.classify(x)


def train(steps=4000):
    torch.manual_seed(0)
    model = Segmenter()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for step in range(steps):
        scenes = [scene() for _ in range(12)]
        x = torch.from_numpy(np.stack([picture for picture, _ in scenes]))
        y = torch.from_numpy(np.stack([classes for _, classes in scenes]))
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(step, float(loss), float((logits.argmax(1) == y).float().mean()), flush=True)
    scenes = [scene() for _ in range(200)]
    with torch.no_grad():
        found = model(torch.from_numpy(np.stack([picture for picture, _ in scenes]))).argmax(1).numpy()
    right = found == np.stack([classes for _, classes in scenes])
    model.eval()
    print('pixels of 200 new scenes', float(right.mean()), 'whole scenes right to 1 %', float((right.mean((1, 2)) > 0.99).mean()))
    return model.eval()


model = train()
path = os.path.join(folder, 'segmenter.onnx')
torch.onnx.export(model, torch.zeros(1, 3, SIDE, SIDE), path, input_names=['image'], output_names=['classes'], opset_version=13)
file = onnx.load(path)
onnx.helper.set_model_props(file, {'jetgrad.labels': '["ground", "disc", "square"]'})
onnx.save(file, path)
random = np.random.default_rng(7)
picture, classes = scene()
while len(np.unique(classes)) < 3:
    picture, classes = scene()
Image.fromarray((picture.transpose(1, 2, 0) * 255).round().astype(np.uint8)).save(os.path.join(folder, 'shapes.png'))
