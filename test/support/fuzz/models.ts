import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ModelData } from '../../../src/model/data/format.ts';
import { parseModelData } from '../../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../../src/model/file/serializeModel.ts';
import { readModelData } from '../../../src/node/readModelData.ts';
import {
  type AttributeProto,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { besideFile } from '../largeNetwork.ts';
import { modelSeeds } from './modelSeeds.ts';
import { mutateBytes, mutateText } from './mutate.ts';
import { jsonOf, mutateTree, type Tree } from './mutateTree.ts';
import { chance, oddIntegers, oddNumbers, oddTexts, pick } from './odd.ts';
import type { FuzzReader } from './reader.ts';
import { runOnBoth } from './runModels.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Reads, and what is taken is written in both formats and read again, so that neither writes what it refuses. */
async function use(data: ModelData): Promise<void> {
  await runOnBoth(data);
  importOnnx(exportOnnx(data));
  parseModelData(serializeModel(data).json);
}

const odd64 = (random: Random) => BigInt.asIntN(64, BigInt(pick(random, oddIntegers)));

/** Another name of the graph, or an odd one. */
function nameFrom(random: Random, { node, input, initializer }: GraphProto): string {
  if (chance(random, 0.1)) return pick(random, oddTexts);
  const names = [...input, ...initializer].map(({ name }) => name);
  return pick(random, [...names, ...node.flatMap(({ output }) => output)]);
}

const operators = [...new Set(modelSeeds.flatMap(({ nodes }) => nodes.map(({ op }) => op)))];

const attributeEdits: readonly ((random: Random, attribute: AttributeProto) => void)[] = [
  (random, attribute) => {
    attribute.i = odd64(random);
  },
  (random, attribute) => {
    attribute.f = Math.fround(pick(random, oddNumbers));
  },
  (random, { ints }) => {
    if (ints.length > 0)
      ints[random.integer(ints.length)] = chance(random, 0.5) ? odd64(random) : BigInt(random.integer(5) - 1);
  },
  (random, { ints }) => {
    if (chance(random, 0.5)) ints.push(BigInt(random.integer(4)));
    else ints.pop();
  },
  (random, attribute) => {
    attribute.type = random.integer(16) as AttributeProto['type'];
  },
  (random, attribute) => {
    attribute.name = pick(random, ['axis', 'axes', 'group', 'pads', 'strides', 'kernel_shape', ...oddTexts]);
  },
  (random, attribute) => {
    attribute.s = encode(pick(random, ['SAME_LOWER', 'VALID', 'edge', 'wrap', 'nearest', ...oddTexts]));
  },
];

const tensorEdits: readonly ((random: Random, tensor: TensorProto) => void)[] = [
  (random, { dims }) => {
    if (dims.length > 0) dims[random.integer(dims.length)] = odd64(random);
  },
  (random, { dims }) => {
    dims.splice(
      random.integer(dims.length + 1),
      chance(random, 0.5) ? 1 : 0,
      ...(chance(random, 0.5) ? [1n] : []),
    );
  },
  (_random, { dims }) => {
    dims.reverse();
  },
  (random, tensor) => {
    tensor.dataType = random.integer(20);
  },
  (random, tensor) => {
    tensor.name = pick(random, oddTexts);
  },
  (random, tensor) => {
    tensor.rawData = mutateBytes(random, tensor.rawData);
  },
  (random, tensor) => {
    // A number of the tensor's kind, so that the shape still fits.
    const view = new DataView(tensor.rawData.slice().buffer);
    if (view.byteLength < 8) return;
    const at = 8 * random.integer(Math.floor(view.byteLength / 8));
    if (tensor.dataType === 7)
      view.setBigInt64(at, chance(random, 0.5) ? odd64(random) : BigInt(random.integer(9) - 2), true);
    else view.setFloat32(at, pick(random, oddNumbers), true);
    tensor.rawData = new Uint8Array(view.buffer);
  },
  (random, tensor) => {
    const entries = {
      location: pick(random, ['w.bin', ...oddTexts]),
      offset: String(pick(random, oddIntegers)),
    };
    tensor.dataLocation = 1;
    tensor.externalData = Object.entries(entries).map(([key, value]) => ({
      $typeName: 'onnx.StringStringEntryProto',
      key,
      value,
    }));
    if (chance(random, 0.7)) tensor.rawData = new Uint8Array();
  },
];

const nodeEdits: readonly ((random: Random, node: NodeProto, graph: GraphProto) => void)[] = [
  (random, { input }, graph) => {
    if (input.length > 0) input[random.integer(input.length)] = nameFrom(random, graph);
  },
  (random, { input }, graph) => {
    input.splice(random.integer(input.length + 1), 0, nameFrom(random, graph));
  },
  (random, { input }) => {
    input.splice(random.integer(input.length), 1);
  },
  (random, { output }, graph) => {
    output[random.integer(output.length + 1)] = nameFrom(random, graph);
  },
  (random, { output }) => {
    output.push(pick(random, ['z', ...oddTexts]));
  },
  (random, node) => {
    node.opType = pick(random, operators);
  },
  (random, node) => {
    node.name = pick(random, oddTexts);
  },
  (random, { attribute }) => {
    if (attribute.length > 0) pick(random, attributeEdits)(random, pick(random, attribute));
  },
  (random, { attribute }) => {
    attribute.splice(random.integer(attribute.length), 1);
  },
  (random, node, { node: nodes }) => {
    const { attribute } = pick(random, nodes);
    if (attribute.length > 0) node.attribute.push(pick(random, attribute));
  },
];

const graphEdits: readonly ((random: Random, graph: GraphProto) => void)[] = [
  (random, { input }) => {
    const dim = input[0]?.type?.tensorType?.shape?.dim;
    if (dim !== undefined && dim.length > 0)
      pick(random, dim).dimValue = chance(random, 0.5) ? odd64(random) : BigInt(random.integer(12));
  },
  (random, { input, output }) => {
    const value = pick(random, [...input, ...output]);
    if (value !== undefined) value.name = pick(random, oddTexts);
  },
  (random, { input }) => {
    const type = input[0]?.type?.tensorType;
    if (type) type.elemType = random.integer(18);
  },
  (random, { node }) => {
    node.reverse();
    if (chance(random, 0.3)) node.push(pick(random, node));
  },
  (random, graph) => {
    const first = graph.output[0];
    if (first !== undefined) first.name = nameFrom(random, graph);
  },
  (random, { initializer }) => {
    initializer.splice(random.integer(initializer.length), 1);
  },
];

/** One to three parts of the graph changed, most often nodes. */
function mutateGraph(random: Random, graph: GraphProto): void {
  for (let edits = 1 + random.integer(3); edits > 0; edits--) {
    const kind = random.uniform();
    if (kind < 0.55 && graph.node.length > 0)
      pick(random, nodeEdits)(random, pick(random, graph.node), graph);
    else if (kind < 0.85 && graph.initializer.length > 0)
      pick(random, tensorEdits)(random, pick(random, graph.initializer));
    else pick(random, graphEdits)(random, graph);
  }
}

function mutateOnnx(random: Random, seed: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, seed);
  if (model.graph !== undefined) mutateGraph(random, model.graph);
  if (chance(random, 0.1)) {
    for (const each of model.opsetImport)
      each.version = chance(random, 0.5) ? BigInt(1 + random.integer(24)) : odd64(random);
  }
  return toBinary(ModelProtoSchema, model);
}

const onnxSeeds = () => modelSeeds.map((data) => exportOnnx(data));
const jsonSeeds = () => modelSeeds.map((data) => encode(serializeModel(data).json));

/** JSON and the file beside it as one input: the length of the JSON, the JSON, the file. */
function packed(json: Uint8Array, file: Uint8Array): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      [Uint32Array.of(json.length), json, file].map(
        (each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength),
      ),
    ),
  );
}

function unpacked(bytes: Uint8Array): { json: Uint8Array; file: Uint8Array } {
  const length = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { json: bytes.subarray(4, 4 + length), file: bytes.subarray(4 + length) };
}

/** Without the hash, which would refuse every other change. */
function withoutHash(tree: Tree): Tree {
  const { sha256: _, ...rest } = tree as { readonly [key: string]: Tree };
  return rest;
}

function mutateJson(random: Random, json: Uint8Array): Uint8Array {
  const text = decode(json);
  if (chance(random, 0.1)) return encode(mutateText(random, text));
  if (chance(random, 0.1)) return mutateBytes(random, json);
  const tree = withoutHash(JSON.parse(text));
  return encode(jsonOf(mutateTree(random, tree)));
}

/** A folder for one input's files. */
async function inFolder(files: Readonly<Record<string, Uint8Array>>, first: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-fuzz-'));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    await runOnBoth(await readModelData(join(folder, first)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const readExternal = (_location: string, offset: number, length: number) =>
  new Uint8Array(1e5).subarray(offset, offset + length);

export const modelReaders: readonly FuzzReader[] = [
  {
    name: 'onnx-bytes',
    seeds: onnxSeeds,
    mutate: (random, seed) => mutateBytes(random, seed),
    read: (bytes) => use(importOnnx(bytes)),
    suiteInputs: 200,
  },
  {
    name: 'onnx-tree',
    seeds: onnxSeeds,
    mutate: mutateOnnx,
    read: (bytes) => use(importOnnx(bytes, { readExternal })),
    suiteInputs: 200,
  },
  {
    name: 'onnx-file',
    seeds: onnxSeeds,
    mutate: (random, seed) => (chance(random, 0.5) ? mutateOnnx(random, seed) : mutateBytes(random, seed)),
    read: (bytes) => inFolder({ 'm.onnx': bytes, 'w.bin': new Uint8Array(1000) }, 'm.onnx'),
    suiteInputs: 100,
  },
  {
    name: 'model-json',
    seeds: jsonSeeds,
    mutate: mutateJson,
    read: (bytes) => use(parseModelData(decode(bytes))),
    suiteInputs: 200,
  },
  {
    name: 'model-json-file',
    seeds: () =>
      modelSeeds.map((data) => {
        const { json, bytes } = besideFile(data, 'm.safetensors');
        return packed(encode(JSON.stringify(withoutHash(json as unknown as Tree))), bytes);
      }),
    mutate(random, seed) {
      const { json, file } = unpacked(seed);
      const part = random.integer(3);
      return packed(
        part === 0 ? json : mutateJson(random, json),
        part === 1 ? file : mutateBytes(random, file),
      );
    },
    read(bytes) {
      const { json, file } = unpacked(bytes);
      return inFolder({ 'm.json': json, 'm.safetensors': file }, 'm.json');
    },
    suiteInputs: 100,
  },
];
