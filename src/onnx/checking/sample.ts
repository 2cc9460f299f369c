import type { Layer, Layers } from '../../layers/layer.ts';
import { type Attributes, type ElementType, isFloat } from '../../layers/types.ts';
import type { ModelData } from '../../model/data/format.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';

/** A tensor with its ONNX element type; integers lie in float64 tensors. */
export interface SampleTensor {
  readonly x: Tensor;
  readonly type: ElementType;
}

/** An operator at inputs of a node, and what it gives there. */
export interface Sample {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (SampleTensor | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly SampleTensor[];
}

/** A row at a sample. */
export interface Checked {
  readonly row: Layer;
  /** Every row, that one among them. */
  readonly layers: Layers;
  readonly sample: Sample;
}

/** What a row makes of a sample. */
export function evaluateSample(layers: Layers, { op, opset, inputs, attributes, outputs }: Sample) {
  const y = layers[op].evaluate(
    inputs.map((input) => input?.x),
    attributes,
    {
      ...{ opset, outputs: outputs.length, precision: 'float64', layers },
      types: inputs.map((input) => input?.type),
    },
  );
  return 'shape' in y ? [y] : y;
}

/** The same with other inputs. */
export const evaluateAt = ({ layers, sample }: Checked, inputs: Sample['inputs']): readonly Tensor[] =>
  evaluateSample(layers, { ...sample, inputs });

/** The inputs with another tensor in place i. */
export const withInput = ({ inputs }: Sample, i: number, x: Tensor): Sample['inputs'] =>
  inputs.map((each, j) => (j === i && each !== undefined ? { ...each, x } : each));

/** Whether an input's values may decide the shape of what comes out. */
export const steers = ({ steeredFrom }: Pick<Layer, 'steeredFrom'>, i: number): boolean => i >= steeredFrom;

export const holdsFloats = (input: SampleTensor | undefined): input is SampleTensor =>
  input !== undefined && isFloat(input.type);

/** The sample as a network of one node; inputs for which `given` holds are those of the network, the others constants. */
export function networkOf(
  { op, opset, inputs, attributes, outputs }: Sample,
  given: (i: number) => boolean,
): ModelData {
  const names = inputs.map((input, i) => (input === undefined ? '' : `x${i}`));
  const tensors = inputs.flatMap((input, i) => {
    if (input === undefined || given(i)) return [];
    const bytes = new Uint8Array(Float64Array.from(contiguous(input.x).data).buffer);
    return [[names[i], { dtype: 'float64' as const, shape: [...input.x.shape], bytes }] as const];
  });
  return {
    name: op,
    inputs: inputs.flatMap((input, i) =>
      input !== undefined && given(i)
        ? [{ name: names[i], shape: [...input.x.shape], dtype: input.type }]
        : [],
    ),
    outputs: outputs.map(({ type }, i) => ({ name: `y${i}`, dtype: type })),
    nodes: [{ name: 'node', op, inputs: names, outputs: outputs.map((_, i) => `y${i}`), attributes }],
    tensors: new Map(tensors),
    source: { opset },
  };
}

/** A point near another: every entry is scaled, and shifted by an amount of its own. */
export const beside = (x: Tensor, factor: number, shift: number): Tensor =>
  fromData(
    Float64Array.from(contiguous(x).data, (value, i) => value * factor + shift * (1 + i / 7)),
    x.shape,
  );

/** The first entry of an output that is not the true one, in words. */
export function wrongEntry(
  got: Tensor | undefined,
  wanted: Tensor,
  { relative, absolute }: { readonly relative: number; readonly absolute: number },
): string | undefined {
  if (got === undefined) return 'missing';
  if (`${got.shape}` !== `${wanted.shape}`) return `shape [${got.shape}], true [${wanted.shape}]`;
  const [a, b] = [contiguous(got).data, contiguous(wanted).data];
  for (let i = 0; i < b.length; i++) {
    const isRight = Object.is(a[i], b[i]) || Math.abs(a[i] - b[i]) <= relative * Math.abs(b[i]) + absolute;
    if (!isRight) return `entry ${i} is ${a[i]}, true ${b[i]}`;
  }
  return undefined;
}
