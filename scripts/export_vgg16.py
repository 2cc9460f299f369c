"""
torchvision's VGG-16 as an ONNX file that says its classes and its preprocessing.

    python3 scripts/export_vgg16.py vgg16.onnx                          torchvision's trained weights, which it fetches (528 MB)
    python3 scripts/export_vgg16.py vgg16.onnx --weights vgg16.pth      weights from a file (a state_dict)
    python3 scripts/export_vgg16.py vgg16.onnx --random-seed 0          random weights, to try the way

Needs torch, torchvision (0.13 or newer) and onnx. Layers keep torchvision's names: features.29 is the last ReLU. --width 8 takes an eighth
of the channels, with random weights. docs/networks/vgg16.md goes on from here.
"""

import argparse
import json
import os
import sys

import onnx
import torch
from torchvision.models import VGG16_Weights, vgg16
from torchvision.models.vgg import make_layers

PREPROCESSING = {
    'channels': 'RGB',
    'scale': 1 / 255,
    'mean': [0.485, 0.456, 0.406],
    'std': [0.229, 0.224, 0.225],
    'resize': {'shorterSide': 256},
    'crop': [224, 224],
}
LICENCE = 'torchvision VGG16_Weights.IMAGENET1K_V1'
CHANNELS = [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M']


def narrow(network, width):
    """The same layers under the same names with fewer channels."""
    network.features = make_layers([each if each == 'M' else each // width for each in CHANNELS])
    hidden = 4096 // width
    for at, sizes in {0: (512 // width * 49, hidden), 3: (hidden, hidden), 6: (hidden, 1000)}.items():
        network.classifier[at] = torch.nn.Linear(*sizes)
    return network


def make(options):
    if options.random_seed is None and options.weights is None:
        return vgg16(weights=VGG16_Weights.IMAGENET1K_V1)
    if options.random_seed is not None:
        torch.manual_seed(options.random_seed)
    network = vgg16(weights=None)
    if options.weights is not None:
        network.load_state_dict(torch.load(options.weights, map_location='cpu'))
    elif options.width > 1:
        network = narrow(network, options.width)
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
    return network


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out')
    parser.add_argument('--weights', metavar='FILE.pth')
    parser.add_argument('--random-seed', type=int, metavar='N')
    parser.add_argument('--width', type=int, default=1, choices=[1, 2, 4, 8, 16], metavar='DIVISOR')
    options = parser.parse_args()
    if options.weights is not None and options.random_seed is not None:
        parser.error('--weights and --random-seed exclude each other')
    if options.width > 1 and options.random_seed is None:
        parser.error('--width needs --random-seed: trained weights are of the whole width')
    network = make(options).eval()
    # Under another name until it is whole.
    partial = options.out + '.partial'
    names = {'input_names': ['image'], 'output_names': ['logits']}
    torch.onnx.export(network, torch.zeros(1, 3, 224, 224), partial, opset_version=13, **names)
    file = onnx.load(partial)
    said = {'jetgrad.labels': VGG16_Weights.IMAGENET1K_V1.meta['categories'], 'jetgrad.preprocessing': PREPROCESSING}
    if options.random_seed is None:
        said['jetgrad.licence'] = LICENCE
    onnx.helper.set_model_props(file, {key: json.dumps(value) for key, value in said.items()})
    onnx.save(file, partial)
    os.replace(partial, options.out)
    print(f'{options.out}: {os.path.getsize(options.out) / 2**20:.1f} MiB', file=sys.stderr)


if __name__ == '__main__':
    main()
