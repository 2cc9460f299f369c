"""Reads lines `ORIGINAL<tab>EXPORTED`; prints what ONNX's own checker and reader find wrong, one line each."""
import sys

import onnx
from onnx import numpy_helper


def values(model):
    """Constants by name, Constant nodes included, and the other nodes by their outputs."""
    tensors = {t.name: t for t in model.graph.initializer}
    nodes = {}
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant" and "value" in attributes:
            tensors[node.output[0]] = attributes["value"]
        else:
            nodes[tuple(node.output)] = node
    return tensors, nodes


def plain(attribute):
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.type == onnx.AttributeProto.TENSOR:
        array = numpy_helper.to_array(value)
        return (attribute.type, array.dtype, array.shape, array.tobytes())
    return (attribute.type, list(value) if attribute.type > 5 else value)


def differences(original, exported):
    if original.opset_import[0].version <= onnx.defs.onnx_opset_version():
        onnx.checker.check_model(exported, full_check=True)
    (tensors, nodes), (newTensors, newNodes) = values(original), values(exported)
    if tensors.keys() != newTensors.keys():
        yield "tensors " + ", ".join(sorted(tensors.keys() ^ newTensors.keys()))
    for name in tensors.keys() & newTensors.keys():
        a, b = numpy_helper.to_array(tensors[name]), numpy_helper.to_array(newTensors[name])
        if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes():
            yield "tensor " + name
    for output, node in nodes.items():
        new = newNodes.get(output)
        if new is None or (node.op_type, list(node.input)) != (new.op_type, list(new.input)):
            yield "node of " + str(output)
        elif {a.name: plain(a) for a in node.attribute} != {a.name: plain(a) for a in new.attribute}:
            yield "attributes of " + str(output)


for line in sys.stdin:
    paths = line.rstrip("\n").split("\t")
    try:
        found = list(differences(*map(onnx.load, paths)))
    except Exception as error:  # the checker's own message
        found = [str(error).splitlines()[0]]
    for each in found:
        print(paths[0], each, sep=": ")
print("done")
