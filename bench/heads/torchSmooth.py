"""
Smooth Grad-CAM++ as torch-cam computes it (torchcam.methods.SmoothGradCAMpp), rewritten here in PyTorch: n noisy passes and backward passes of
the logit, powers of the gradients. Note that powers of the logit's gradient are not its derivatives of orders 2 and 3.
python3 bench/heads/torchSmooth.py vgg16.onnx [--samples 25] [--threads 2] [--rounds 3] [--input-only]
vgg16.onnx holds the weights that both sides use: node --import tsx bench/writeNetworks.ts FOLDER 0 vgg16.onnx
"""
import argparse
import time
import numpy
import onnx
import torch
import torchvision
from onnx import numpy_helper

parser = argparse.ArgumentParser()
parser.add_argument('model')
parser.add_argument('--samples', type=int, default=25)
parser.add_argument('--threads', type=int, default=2)
parser.add_argument('--rounds', type=int, default=3)
parser.add_argument('--input-only', action='store_true', help='no gradients of the weights, which torch-cam computes and drops')
options = parser.parse_args()
torch.manual_seed(0)
torch.set_num_threads(options.threads)

model = torchvision.models.vgg16(weights=None).eval()
arrays = [numpy_helper.to_array(each) for each in onnx.load(options.model).graph.initializer]
for _, parameter in model.named_parameters():
    at = next(i for i, each in enumerate(arrays) if each.shape == tuple(parameter.shape))
    parameter.data = torch.from_numpy(numpy.array(arrays.pop(at)))
    parameter.requires_grad_(not options.input_only)
held = {}
layer = model.features[29]  # relu5_3, VGG-16's last map before the pool
model.features[29].inplace = False


def hook(_, __, output):
    held['a'] = output
    if output.requires_grad:
        output.register_hook(lambda g: held.__setitem__('g', g))


layer.register_forward_hook(hook)


def smooth(image, std=0.3):
    with torch.no_grad():
        class_index = int(model(image).argmax())
    clean = held['a'].clone()
    second, third = torch.zeros_like(clean), torch.zeros_like(clean)
    for _ in range(options.samples):
        noisy = (image + std * torch.randn_like(image)).requires_grad_(True)
        out = model(noisy)
        model.zero_grad()
        out[0, class_index].backward()
        second.add_(held['g'].pow(2))
        third.add_(held['g'].pow(3))
    second.div_(options.samples)
    third.div_(options.samples)
    alpha = second / (2 * second + (third * clean).flatten(2).sum(-1)[..., None, None] + 1e-8)
    weights = (alpha * torch.relu(held['g'])).flatten(2).sum(-1)
    return torch.relu((weights[..., None, None] * clean).sum(1))


image = torch.randn(1, 3, 224, 224)
for _ in range(options.rounds):
    wall, cpu = time.perf_counter(), time.process_time()
    smooth(image)
    print(f'{time.perf_counter() - wall:.2f} s, CPU {time.process_time() - cpu:.2f} s', flush=True)
