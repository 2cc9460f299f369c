"""Exports torchvision's families of networks with random weights, as ONNX files: python3 export.py FOLDER [OPSET…] [NAME…]

Weights are those of a fixed seed; normalization layers get running statistics and scales away from 0 and 1, so that nothing cancels.
A family that this torch cannot export is named and left out. All, or those named. networks.ts and writeNetworks.ts read the folder.
"""

import sys
import warnings
from pathlib import Path

import torch
import torchvision.models as models

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
opsets = [int(each) for each in sys.argv[2:] if each.isdigit()] or [13]
wanted = {each for each in sys.argv[2:] if not each.isdigit()}

families = {
    "alexnet": 224,
    "vgg11_bn": 224,
    "squeezenet1_1": 224,
    "resnet18": 224,
    "resnext50_32x4d": 224,
    "densenet121": 224,
    "googlenet": 224,
    "inception_v3": 299,
    "shufflenet_v2_x0_5": 224,
    "mobilenet_v2": 224,
    "mobilenet_v3_small": 224,
    "mnasnet0_5": 224,
    "efficientnet_b0": 224,
    "efficientnet_v2_s": 224,
    "regnet_x_400mf": 224,
    "regnet_y_400mf": 224,
    "convnext_tiny": 224,
    "vit_b_16": 224,
    "swin_t": 224,
    "swin_v2_t": 256,
    "maxvit_t": 224,
}
dense = {"fcn_resnet50": 224, "deeplabv3_resnet50": 224, "lraspp_mobilenet_v3_large": 224}


class Out(torch.nn.Module):
    """The map of a segmenter, without its dictionary."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


@torch.no_grad()
def shaken(network):
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.8, 1.2)
        # Some heads begin at zero, so that all logits are.
        if isinstance(module, torch.nn.Linear) and not module.weight.any():
            torch.nn.init.normal_(module.weight, 0, 0.02)
    return network


def make(name):
    torch.manual_seed(0)
    if name in dense:
        return Out(shaken(models.segmentation.__dict__[name](weights=None, weights_backbone=None)))
    options = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return shaken(models.__dict__[name](weights=None, **options))


folder.mkdir(parents=True, exist_ok=True)
for name, side in {**families, **dense}.items():
    if wanted and name not in wanted:
        continue
    for opset in opsets:
        file = folder / f"{name}-{opset}.onnx"
        if file.exists():
            continue
        try:
            network = make(name).eval()
            torch.onnx.export(network, torch.zeros(1, 3, side, side), str(file), opset_version=opset)
            print(name, opset, "exported", flush=True)
        except Exception as error:
            file.unlink(missing_ok=True)
            print(name, opset, "not exported:", str(error).splitlines()[0][:120], flush=True)
