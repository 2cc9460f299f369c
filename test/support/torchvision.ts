import { spawnSync } from 'node:child_process';

/** A Python that has torchvision and onnx; undefined where there is none. */
export const torchvision = [process.env.PYTHON, '/usr/bin/python3', 'python3'].find(
  (python) =>
    python !== undefined &&
    spawnSync(python, [
      '-c',
      'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ["torchvision", "onnx"])))',
    ]).status === 0,
);
