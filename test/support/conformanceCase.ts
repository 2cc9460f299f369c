import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { allLayers, moreOperators } from '../../src/layers/more.ts';
import { elementTypeOf } from '../../src/layers/types.ts';
import { encodeValues } from '../../src/model/data/encode.ts';
import type { ModelData, StoredTensor } from '../../src/model/data/format.ts';
import { createModel } from '../../src/model/model.ts';
import { unsupportedOperations } from '../../src/model/run/program.ts';
import { describeUnheld } from '../../src/onnx/elementTypes.ts';
import { ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { importOnnx, readTensorProto } from '../../src/onnx/index.ts';
import { InputError, UnsupportedOperationError } from '../../src/tensor/errors.ts';
import { formatShape, sameShape } from '../../src/tensor/shape.ts';
import { roundToSmall, smallFloats } from '../../src/tensor/smallFloats.ts';
import { contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { operatorsOnDevice } from './operatorsOnDevice.ts';

/** Tolerances of ONNX's own runner (`assert_similar_outputs`): those of every type, and two units of the last place of bfloat16. */
const RELATIVE = 1e-3;
const RELATIVE_OF_BFLOAT16 = 2 ** -6;
const ABSOLUTE = 1e-7;

/** How one data set of a case came out: what is wrong, or which operations are missing, or neither. */
export interface CaseResult {
  readonly title: string;
  /** Operators that the device computed. */
  readonly onDevice?: readonly string[];
  readonly wrong?: string;
  readonly missing?: readonly string[];
  /** Why the case is none for jetgrad, which holds tensors of numbers alone. */
  readonly refused?: string;
}

type Typed = ReturnType<typeof readTensorProto>;

/** What is wrong with a result; undefined when it is right. */
function mismatch(got: Tensor | undefined, { tensor: wanted, dtype }: Typed): string | undefined {
  if (got === undefined) return 'the output is missing';
  if (!sameShape(got.shape, wanted.shape))
    return `shape ${formatShape(got.shape)}, wanted ${formatShape(wanted.shape)}`;
  const b = contiguous(wanted).data;
  // What a file has as float16 is computed in float32 here; its runner compares arrays of the case's own type.
  const half = { saturate: false, opset: 1 };
  const { data } = contiguous(got);
  const a = dtype === 'float16' ? data.map((x) => roundToSmall(x, smallFloats.float16, half)) : data;
  const relative = dtype === 'bfloat16' ? RELATIVE_OF_BFLOAT16 : RELATIVE;
  for (let i = 0; i < b.length; i++) {
    const fits =
      Object.is(a[i], b[i]) || a[i] === b[i] || Math.abs(a[i] - b[i]) <= ABSOLUTE + relative * Math.abs(b[i]);
    if (!fits) return `entry ${i} is ${a[i]}, wanted ${b[i]}`;
  }
  return undefined;
}

function readTensors(folder: string, kind: string): Typed[] {
  const files = readdirSync(folder).filter((file) => new RegExp(`^${kind}_\\d+\\.pb$`).test(file));
  return files.map((_, i) => readTensorProto(readFileSync(join(folder, `${kind}_${i}.pb`))));
}

/** What a graph takes or gives that is no tensor of numbers: text, sequences, optional values. */
function refusedBy(bytes: Uint8Array): string | undefined {
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  for (const { name, type } of [...(graph?.input ?? []), ...(graph?.output ?? [])]) {
    if (type?.tensorType === undefined) return `${name} is a sequence or an optional value`;
    if (elementTypeOf(type.tensorType.elemType) === undefined)
      return `${name} ${describeUnheld(type.tensorType.elemType)}`;
  }
  return undefined;
}

const isBeyondExact = (error: unknown): error is InputError =>
  error instanceof InputError && /beyond 2\^53 jetgrad would round/.test(error.message);

/**
 * How a case is put: as it is; `weights`, its inputs but the first as constants, as networks have them; `maps`, operators that work
 * entry by entry on maps and rows of one image. Some operators run on a device only so.
 */
export type CaseForm = 'plain' | 'weights' | 'maps';

const entrywise: ReadonlySet<string> = new Set([
  ...['Relu', 'Clip', 'LeakyRelu', 'HardSigmoid', 'HardSwish', 'Add', 'Mul', 'Identity', 'Dropout'],
]);

/** The model with these inputs as constants. */
function withConstants(data: ModelData, inputs: ReadonlyMap<string, Tensor>): ModelData {
  const added = data.inputs.flatMap(({ name, dtype }): [string, StoredTensor][] => {
    const x = inputs.get(name);
    if (x === undefined) return [];
    return [[name, { dtype, shape: x.shape, bytes: encodeValues(dtype, contiguous(x).data) }]];
  });
  return {
    ...data,
    inputs: data.inputs.filter(({ name }) => !inputs.has(name)),
    tensors: new Map([...data.tensors, ...added]),
  };
}

/** [A, B, C] as [1, A, B, C], [A] as [1, A]; others as they are. */
function asMap(x: Tensor): Tensor {
  const odd = x.shape.length % 2 === 1 && x.shape.length < 4;
  return odd ? fromData(contiguous(x).data, [1, ...x.shape]) : x;
}

interface Case {
  readonly data: ModelData;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly Typed[];
}

function put({ data, inputs, outputs }: Case, form: CaseForm): Case {
  const [first, ...others] = inputs;
  if (form === 'plain') return { data, inputs, outputs };
  if (form === 'weights' || !data.nodes.every(({ op }) => entrywise.has(op))) {
    return { data: withConstants(data, new Map(others)), inputs, outputs };
  }
  const [, { shape }] = first;
  const constants = new Map(others.filter(([, x]) => !sameShape(x.shape, shape)));
  const fixed = withConstants(data, constants);
  const maps = new Map([...inputs].map(([name, x]) => [name, constants.has(name) ? x : asMap(x)]));
  const infos = fixed.inputs.map((info) => ({ ...info, shape: (maps.get(info.name) as Tensor).shape }));
  return {
    data: { ...fixed, inputs: infos },
    inputs: maps,
    outputs: outputs.map((each) => ({ ...each, tensor: asMap(each.tensor) })),
  };
}

/** Runs a folder in the layout of the ONNX backend tests: model.onnx and test_data_set_K/{input,output}_N.pb. */
export async function runCase(folder: string, form: CaseForm = 'plain'): Promise<CaseResult[]> {
  const name = basename(folder);
  const bytes = readFileSync(join(folder, 'model.onnx'));
  const refused = refusedBy(bytes);
  if (refused !== undefined) return [{ title: name, refused }];
  const whole = importOnnx(bytes, { name });
  const missing = unsupportedOperations(whole.nodes, allLayers);
  if (missing.length > 0) return [{ title: name, missing }];
  const results: CaseResult[] = [];
  const sets = readdirSync(folder).filter((each) => each.startsWith('test_data_set_'));
  for (const set of sets.sort()) {
    const title = `${name} ${set}`;
    try {
      const tensors = readTensors(join(folder, set), 'input').map(({ tensor }) => tensor);
      const given = new Map(whole.inputs.map((input, i) => [input.name, tensors[i]]));
      const wanted = readTensors(join(folder, set), 'output');
      const { data, inputs, outputs } = put({ data: whole, inputs: given, outputs: wanted }, form);
      const values = Object.fromEntries(inputs);
      const got = await createModel(data, { operators: moreOperators }).run(values);
      const [wrong] = outputs.flatMap((each, i) => mismatch(got[data.outputs[i].name], each) ?? []);
      const onDevice = operatorsOnDevice(data, values);
      results.push(wrong === undefined ? { title, onDevice } : { title, wrong, onDevice });
    } catch (error) {
      if (error instanceof UnsupportedOperationError) results.push({ title, missing: error.operations });
      else if (isBeyondExact(error)) results.push({ title, refused: error.message });
      else throw error;
    }
  }
  return results;
}
