"""
D1 to D3 of a sample of the entries of VGG-16's conv5_3, its dense layers with GELU or ReLU, by PyTorch in float64: nested reverse mode, one
entry at a time, and jvp of jvp of jvp by functorch (torch.func), with vmap over the entries. Random weights of bench/heads/heads.ts's sizes.
Wall and CPU seconds, scaled up to all entries that reach the score: python3 bench/heads/torchDiagonal.py [--entries 64] [--unit gelu]
[--score logit] [--threads 1]
"""
import argparse
import time
import torch

parser = argparse.ArgumentParser()
parser.add_argument('--entries', type=int, default=64)
parser.add_argument('--unit', default='gelu', choices=['gelu', 'relu'])
parser.add_argument('--score', default='logit', choices=['logit', 'exp', 'prob'])
parser.add_argument('--threads', type=int, default=1)
options = parser.parse_args()

torch.manual_seed(1)
torch.set_num_threads(options.threads)
torch.set_default_dtype(torch.float64)
unit = torch.nn.functional.gelu if options.unit == 'gelu' else torch.relu
sizes = [(25088, 4096), (4096, 4096), (4096, 1000)]
layers = [(torch.randn(o, i) / i**0.5, 0.1 * torch.randn(o)) for i, o in sizes]
activation = torch.relu(torch.randn(1, 512, 14, 14))


def head(a):
    x = torch.nn.functional.max_pool2d(a, 2).flatten(1)
    for index, (w, b) in enumerate(layers):
        x = torch.nn.functional.linear(x, w, b)
        x = x if index == 2 else unit(x)
    z = x[0]
    if options.score == 'prob':
        return torch.softmax(z, 0)[7]
    return z[7].exp() if options.score == 'exp' else z[7]


# Winners of the pools, which are all that reaches the score; as many as there are pools.
a = activation.clone().requires_grad_(True)
live = torch.autograd.grad(torch.nn.functional.max_pool2d(a, 2).sum(), a)[0].flatten().nonzero().flatten()
sample = live[torch.randperm(len(live))[: options.entries]]


def timed(run):
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    scale = len(live) / len(sample)
    return found, f'{wall:.1f} s, CPU {cpu:.1f} s for {len(sample)} entries; for {len(live)}: {wall * scale:.0f} s, CPU {cpu * scale:.0f} s'


def nested():
    rows = []
    for entry in sample:
        x = activation.clone().requires_grad_(True)
        y, row = head(x), []
        for order in range(3):
            (g,) = torch.autograd.grad(y, x, create_graph=order < 2, allow_unused=True)
            y = torch.zeros(()) if g is None else g.flatten()[entry]
            row.append(y.detach())
            if not y.requires_grad:
                row += [torch.zeros(())] * (2 - order)
                break
        rows.append(torch.stack(row))
    return torch.stack(rows)


def forward():
    from functorch import jvp, vmap

    flat = activation.flatten()
    directions = torch.nn.functional.one_hot(sample, flat.numel()).to(flat)

    def along(direction):
        f = lambda t: head((flat + t * direction).view_as(activation))
        slope = lambda g: lambda t: jvp(g, (t,), (torch.ones_like(t),))[1]
        d1 = slope(f)
        d2 = slope(d1)
        t = torch.zeros(())
        return torch.stack([d1(t), d2(t), slope(d2)(t)])

    return vmap(along)(directions)


print(f'PyTorch {torch.__version__}, VGG-16 with {options.unit}, {options.score}, {options.threads} thread(s)', flush=True)
with torch.no_grad():
    head(activation)
_, gradient = timed(lambda: torch.autograd.grad(head(a), a))
print('one gradient:', gradient.split(' for')[0], flush=True)
first, text = timed(nested)
print('nested reverse mode, an entry at a time:', text, flush=True)
try:
    second, text = timed(forward)
    gaps = ((first - second).abs().amax(0) / first.abs().amax(0)).tolist()
    print('functorch, vmap of nested jvp:', text, 'differences', gaps)
except Exception as error:
    print('functorch, vmap of nested jvp:', type(error).__name__, str(error).splitlines()[0])
