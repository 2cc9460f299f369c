"""Trains docs/networks/vit.onnx, a small vision transformer with a class token that tells shapes apart (disc, square, triangle, cross),
and draws docs/networks/two.png, a picture with two of them. Needs PyTorch, onnx and Pillow; a quarter of an hour on one core.

    python3 docs/networks/vit.py
"""
import os

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

SIDE, PATCH, WIDTH, HEADS, BLOCKS = 64, 8, 64, 4, 3
CLASSES = ['disc', 'square', 'triangle', 'cross']
folder = os.path.dirname(os.path.abspath(__file__))
y, x = np.mgrid[0:SIDE, 0:SIDE]


def inside(kind, cx, cy, r):
    u, v = (x - cx) / r, (y - cy) / r
    return [
        u * u + v * v <= 1,
        np.maximum(abs(u), abs(v)) <= 0.85,
        (v <= 0.8) & (v >= 2 * abs(u) - 1),
        ((abs(u) <= 0.3) | (abs(v) <= 0.3)) & (np.maximum(abs(u), abs(v)) <= 1),
    ][kind]


def drawn(random, shapes):
    """A picture [3, 64, 64] of shapes (kind, x, y, radius) in any colours on a ground of soft noise."""
    coarse = torch.from_numpy(random.uniform(0.25, 0.75, (1, 3, 5, 5)))
    picture = nn.functional.interpolate(coarse, SIDE, mode='bicubic', align_corners=True)[0].numpy()
    for shape in shapes:
        colour = random.uniform(0, 1, 3)
        # Far enough from the ground to be seen.
        colour = np.where(abs(colour - 0.5).max() < 0.35, colour.round(), colour)
        picture[:, inside(*shape)] = colour[:, None]
    return np.clip(picture + random.normal(0, 0.02, picture.shape), 0, 1).astype(np.float32)


def scene(random):
    kind = random.integers(len(CLASSES))
    r = random.uniform(7, 14)
    cx, cy = random.uniform(r, SIDE - r, 2)
    return drawn(random, [(kind, cx, cy, r)]), kind


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(WIDTH, 3 * WIDTH)
        self.join = nn.Linear(WIDTH, WIDTH)

    def forward(self, t):
        n, tokens, _ = t.shape
        q, k, v = self.mix(t).reshape(n, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        shares = ((q * (WIDTH // HEADS) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.join((shares @ v).transpose(1, 2).reshape(n, tokens, WIDTH))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, t):
        t = t + self.attention(self.norm1(t))
        return t + self.mlp(self.norm2(t))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        tokens = (SIDE // PATCH) ** 2
        # Patches by three small convolutions instead of one large: so little a network learns sooner.
        self.patches = nn.Sequential(
            *[nn.Conv2d(3, 24, 3, 2, 1), nn.GELU(), nn.Conv2d(24, 48, 3, 2, 1), nn.GELU(), nn.Conv2d(48, WIDTH, 3, 2, 1)]
        )
        self.token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.places = nn.Parameter(0.02 * torch.randn(1, 1 + tokens, WIDTH))
        self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.classify = nn.Linear(WIDTH, len(CLASSES))

    def forward(self, picture):
        t = self.patches(2 * picture - 1).flatten(2).transpose(1, 2)
        t = torch.cat([self.token.expand(t.shape[0], -1, -1), t], 1) + self.places
        return self.classify(self.norm(self.blocks(t))[:, 0])


def train(steps=2000, batch=32):
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = Transformer()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5e-3, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        pictures, kinds = zip(*[scene(random) for _ in range(batch)])
        logits = model(torch.from_numpy(np.stack(pictures)))
        loss = nn.functional.cross_entropy(logits, torch.tensor(kinds))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(step, round(float(loss), 3), float((logits.argmax(1) == torch.tensor(kinds)).float().mean()), flush=True)
    return model.eval()


def held_out(model, count=1000):
    random = np.random.default_rng(1)
    pictures, kinds = zip(*[scene(random) for _ in range(count)])
    with torch.no_grad():
        return float((model(torch.from_numpy(np.stack(pictures))).argmax(1) == torch.tensor(kinds)).float().mean())


if __name__ == '__main__':
    network = train()
    print('held out:', held_out(network))
    path = os.path.join(folder, 'vit.onnx')
    names = {'input_names': ['image'], 'output_names': ['logits']}
    torch.onnx.export(network, torch.zeros(1, 3, SIDE, SIDE), path, opset_version=17, **names)
    file = onnx.load(path)
    onnx.helper.set_model_props(file, {'jetgrad.labels': '["disc", "square", "triangle", "cross"]'})
    onnx.save(file, path)
    picture = drawn(np.random.default_rng(5), [(0, 18, 20, 11), (2, 46, 42, 12)])
    Image.fromarray((picture.transpose(1, 2, 0) * 255).round().astype(np.uint8)).save(os.path.join(folder, 'two.png'))
