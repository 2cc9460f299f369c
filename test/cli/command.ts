import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/cli/runCommand.ts';
import type { ModelData, Preprocessing, StoredTensor } from '../../src/model/data/format.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { encodePng } from '../../src/node/pictures/encodePng.ts';
import { exportOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function command(argv: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const out = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      out[name] += text;
    },
  });
  const code = await runCommand(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env });
  return { code, ...out };
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const random = createRandom(4);

function weights(shape: readonly number[]): StoredTensor {
  const values = new Float32Array(sizeOf(shape)).map(() => 0.5 * random.normal());
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
}

export const plain: Preprocessing = {
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  resize: { shorterSide: 8 },
  crop: [8, 8],
};

/** Four classes over 8 × 8 pixels: convolution, ReLU, pool, a linear layer. */
export const network: ModelData = {
  name: 'small',
  inputs: [{ name: 'image', shape: ['N', 3, 8, 8], dtype: 'float32', preprocessing: plain }],
  outputs: [{ name: 'z/out:0', shape: ['N', 4], dtype: 'float32' }],
  labels: ['n00000001 ant, emmet', 'n00000002 crane', 'n00000003 crane, machine', 'n00000004 dog'],
  nodes: [
    {
      name: 'conv',
      op: 'Conv',
      inputs: ['image', 'w'],
      outputs: ['features'],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
    { name: 'act', op: 'Relu', inputs: ['features'], outputs: ['active'], attributes: {} },
    { name: 'pool', op: 'GlobalAveragePool', inputs: ['active'], outputs: ['means'], attributes: {} },
    { name: 'flat', op: 'Flatten', inputs: ['means'], outputs: ['flat'], attributes: {} },
    { name: 'dense', op: 'Gemm', inputs: ['flat', 'v'], outputs: ['z/out:0'], attributes: {} },
  ],
  tensors: new Map([
    ['w', weights([5, 3, 3, 3])],
    ['v', weights([5, 4])],
  ]),
  source: { opset: 17, producer: 'test' },
};

export interface Folder {
  /** A path in it. */
  at(...parts: string[]): string;
  /** Writes a file; its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Writes a model; the path of the file itself. */
  modelFile(name: string, data?: ModelData): string;
  /** Writes a picture of noise; its path. */
  pictureFile(name: string, width?: number, height?: number): string;
  /** Everything in it. */
  listing(): string[];
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of a suite's own, gone when the tests end. */
export function createFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-cli-'));
  folders.push(folder);
  const at = (...parts: string[]) => join(folder, ...parts);
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(at(name), content);
    return at(name);
  };
  return {
    at,
    file,
    modelFile(name, data = network) {
      if (name.endsWith('.onnx')) return file(name, exportOnnx(data));
      const { json, files } = serializeModel(data, { file: name.replace(/json$/, 'safetensors') });
      for (const [each, pieces] of files) file(each, Buffer.concat(pieces));
      return file(name, json);
    },
    pictureFile(name, width = 8, height = 8) {
      const data = new Uint8Array(4 * width * height);
      for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : random.integer(256);
      return file(name, encodePng({ width, height, data }));
    },
    listing: () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort(),
  };
}
