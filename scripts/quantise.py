"""
A network in eight bits or fewer: pairs of QuantizeLinear and DequantizeLinear around its convolutions and products, as quantisation tools write
them.

    /usr/bin/python3 scripts/quantise.py MODEL.onnx OUT.onnx PICTURE… [--bits 8]

Weights are int8, symmetric, one scale for each filter, of as many codes as the bits have; biases int32 in steps of the product of the scales;
activations uint8, from the range that the pictures (but not their classes) show behind each ReLU and Concat. Pictures are prepared as for ImageNet, .npy
files are inputs [N, C, H, W] as they are. Needs onnx, NumPy, Pillow and PyTorch, which runs the network for the ranges.
"""

import argparse
import os

import numpy as np
import onnx
import torch
import torch.nn.functional as functional
from onnx import helper, numpy_helper
from PIL import Image

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def prepared(path):
    """Shorter side 256, centre crop 224, normalised; a picture of 224 by 224, and inputs, as they are."""
    if path.endswith('.npy'):
        return torch.from_numpy(np.load(path).astype(np.float32))
    image = Image.open(path).convert('RGB')
    if image.size != (224, 224):
        width, height = image.size
        scale = 256 / min(width, height)
        image = image.resize((round(width * scale), round(height * scale)), Image.BILINEAR)
        left, top = (image.size[0] - 224) // 2, (image.size[1] - 224) // 2
        image = image.crop((left, top, left + 224, top + 224))
    values = (np.asarray(image) / 255 - MEAN) / STD
    return torch.from_numpy(values.transpose(2, 0, 1)[None].astype(np.float32))


def attributes_of(node):
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def ranges_of(graph, pictures):
    """Smallest and largest value of each tensor over the pictures, 0 among them."""
    weights = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    ranges = {}
    for picture in pictures:
        values = {**weights, graph.input[0].name: picture}
        for node in graph.node:
            x = [values[name] for name in node.input if name]
            a = attributes_of(node)
            pads = a.get('pads', [0, 0, 0, 0])
            if node.op_type == 'Conv':
                y = functional.conv2d(x[0], x[1], x[2], a['strides'], pads[:2], a['dilations'], a.get('group', 1))
            elif node.op_type == 'MaxPool':
                padded = functional.pad(x[0], [pads[1], pads[3], pads[0], pads[2]], value=-float('inf'))
                y = functional.max_pool2d(padded, a['kernel_shape'], a['strides'])
            elif node.op_type == 'AveragePool':
                y = functional.avg_pool2d(x[0], a['kernel_shape'], a['strides'])
            elif node.op_type == 'GlobalMaxPool':
                y = x[0].amax((2, 3), keepdim=True)
            elif node.op_type == 'Gemm':
                y = functional.linear(x[0], x[1] if a.get('transB') else x[1].T, x[2])
            elif node.op_type == 'Flatten':
                y = x[0].flatten(1)
            else:
                y = {'Relu': lambda: x[0].relu(), 'Concat': lambda: torch.cat(x, 1), 'Dropout': lambda: x[0]}[node.op_type]()
            values[node.output[0]] = y
        for name in [graph.input[0].name] + [node.output[0] for node in graph.node]:
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(values[name].min())), max(high, float(values[name].max())))
    return ranges


class Writer:
    """The nodes and constants of the quantised graph."""

    def __init__(self):
        self.nodes, self.constants, self.current, self.scales = [], [], {}, {}

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def pair(self, name, low, high):
        """QuantizeLinear and DequantizeLinear behind a tensor, in steps of the range's 255th part."""
        scale = np.float32(max(high - low, 1e-6) / 255)
        zero = np.uint8(round(-low / float(scale)))
        own = [self.constant(f'{name}/scale', np.array(scale)), self.constant(f'{name}/zero', np.array(zero))]
        self.nodes.append(helper.make_node('QuantizeLinear', [name, *own], [f'{name}/codes'], f'{name}/quantize'))
        self.nodes.append(helper.make_node('DequantizeLinear', [f'{name}/codes', *own], [f'{name}/values'], f'{name}/dequantize'))
        self.current[name], self.scales[name] = f'{name}/values', scale

    def parameter(self, name, codes, scale):
        """A constant as whole numbers with one scale for each filter."""
        own = [self.constant(f'{name}/codes', codes), self.constant(f'{name}/scale', scale.astype(np.float32))]
        self.nodes.append(helper.make_node('DequantizeLinear', own, [name], f'{name}/dequantize', axis=0))


def quantised(model, pictures, most):
    """The model with weights of whole numbers −most … most."""
    graph = model.graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    ranges = ranges_of(graph, pictures)
    writer = Writer()
    image = graph.input[0].name
    writer.pair(image, *ranges[image])
    for node in graph.node:
        if node.op_type == 'Dropout':
            writer.current[node.output[0]] = writer.current[node.input[0]]
            writer.scales[node.output[0]] = writer.scales[node.input[0]]
            continue
        if node.op_type in ('Conv', 'Gemm'):
            source, weights, bias = node.input
            values = arrays[weights]
            if source not in writer.scales:
                raise SystemExit(f'Cannot quantise {node.name}: {source} is not in eight bits; ReLU, Concat and the largest of such are')
            if node.op_type == 'Gemm' and not attributes_of(node).get('transB'):
                raise SystemExit(f'Cannot quantise {node.name}: a Gemm with transB is wanted, a row of weights for each output')
            others = tuple(range(1, values.ndim))
            scale = np.maximum(np.abs(values).max(others), 1e-9).astype(np.float32) / np.float32(most)
            codes = np.clip(np.rint(values / np.expand_dims(scale, others)), -most, most).astype(np.int8)
            writer.parameter(weights, codes, scale)
            steps = scale * writer.scales[source]
            writer.parameter(bias, np.rint(arrays[bias] / steps).astype(np.int32), steps)
        output = node.output[0]
        inputs = [writer.current.get(name, name) for name in node.input]
        writer.nodes.append(helper.make_node(node.op_type, inputs, [output], node.name, **attributes_of(node)))
        if node.op_type in ('Relu', 'Concat'):
            writer.pair(output, *ranges[output])
        elif node.op_type in ('MaxPool', 'GlobalMaxPool', 'Flatten') and node.input[0] in writer.scales:
            writer.scales[output] = writer.scales[node.input[0]]
    inputs = [graph.input[0]]
    result = helper.make_graph(writer.nodes, f'{graph.name}-int8', inputs, list(graph.output), writer.constants)
    return helper.make_model(result, opset_imports=[helper.make_opsetid('', 13)], producer_name='quantise', ir_version=8)


parser = argparse.ArgumentParser()
parser.add_argument('model')
parser.add_argument('out')
parser.add_argument('pictures', nargs='+')
parser.add_argument('--bits', type=int, default=8)
arguments = parser.parse_args()
result = quantised(onnx.load(arguments.model), [prepared(each) for each in arguments.pictures], 2 ** (arguments.bits - 1) - 1)
onnx.checker.check_model(result)
onnx.save(result, arguments.out)
print(f'{arguments.out}: {os.path.getsize(arguments.out)} bytes')
