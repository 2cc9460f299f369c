"""Writes ONNX's own node cases, which its package makes when they are asked for, as folders that `npm run conformance` reads.

`python node_cases.py DIR`, with onnx and ml_dtypes installed (of the version that docs/networks.md names).
"""

import sys
from pathlib import Path

from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases


def proto(value, info):
    """A value as the message that ONNX's tests keep it in."""
    if isinstance(value, TensorProto):
        return value
    kind = info.type.WhichOneof("value")
    make = {"sequence_type": numpy_helper.from_list, "optional_type": numpy_helper.from_optional, "map_type": numpy_helper.from_dict}
    return make.get(kind, numpy_helper.from_array)(value, info.name)


def main():
    top = Path(sys.argv[1])
    for case in collect_testcases():
        folder = top / case.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(case.model.SerializeToString())
        for k, values in enumerate(case.data_sets):
            data = folder / f"test_data_set_{k}"
            data.mkdir(exist_ok=True)
            graph = case.model.graph
            for kind, infos, arrays in zip(("input", "output"), (graph.input, graph.output), values):
                for i, (info, value) in enumerate(zip(infos, arrays)):
                    (data / f"{kind}_{i}.pb").write_bytes(proto(value, info).SerializeToString())


main()
