import { typeNumbers } from '../../src/layers/types.ts';
import { encodeValues } from '../../src/model/data/encode.ts';
import type {
  Attributes,
  ElementType,
  GraphNode,
  ModelData,
  StoredTensor,
} from '../../src/model/data/format.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

/** An input of an operator of onnxruntime: numbers from a seed, or those that are given. */
export interface FusedInput {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One operator of onnxruntime at inputs of which all but the first are constants, as networks have them. */
export interface FusedCase {
  readonly op: string;
  readonly inputs: readonly (FusedInput | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly ElementType[];
}

const random = createRandom(11);
const float = (...shape: number[]): FusedInput => ({
  dtype: 'float32',
  shape,
  values: Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal())),
});
const given = (dtype: ElementType, values: readonly number[], shape: readonly number[] = []): FusedInput => ({
  dtype,
  shape,
  values: values.map((value) => (dtype === 'float32' ? Math.fround(value) : value)),
});
const bytes = (...shape: number[]): FusedInput => ({
  dtype: 'uint8',
  shape,
  values: Array.from({ length: sizeOf(shape) }, () => Math.floor(256 * random.uniform())),
});
const signed = (...shape: number[]): FusedInput => {
  const { values } = bytes(...shape);
  return { dtype: 'int8', shape, values: values.map((value) => Math.max(value - 128, -127)) };
};
const scale = (...values: number[]) => given('float32', values, values.length === 1 ? [] : [values.length]);
const zero = (value: number) => given('uint8', [value]);
const signedZero = (value: number) => given('int8', [value]);

const ms = 'com.microsoft.';
const floats = ['float32'] as const;
const codes = ['uint8'] as const;

/** Two cases or more for what has two forms. Scales are such that no value lies half way between two steps, where roundings may differ. */
export const fusedCases: readonly FusedCase[] = [
  ...[
    ['Relu', undefined],
    ['LeakyRelu', [0.2]],
    ['Clip', [-0.5, 1]],
    ['HardSigmoid', [0.25, 0.5]],
    ['Sigmoid', undefined],
    ['Tanh', undefined],
  ].map(([activation, parameters]): FusedCase => {
    const own = parameters === undefined ? {} : { activation_params: parameters as number[] };
    return {
      op: `${ms}FusedConv`,
      inputs: [float(1, 2, 5, 5), float(3, 2, 3, 3), float(3)],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], activation: activation as string, ...own },
      outputs: floats,
    };
  }),
  {
    op: `${ms}FusedConv`,
    inputs: [float(1, 2, 5, 5), float(4, 1, 3, 3), float(4), float(1, 4, 3, 3)],
    attributes: { kernel_shape: [3, 3], group: 2, activation: 'Relu' },
    outputs: floats,
  },
  {
    op: `${ms}FusedGemm`,
    inputs: [float(2, 3), float(4, 3), float(4)],
    attributes: { transB: 1, alpha: 0.5, beta: 2, activation: 'LeakyRelu', activation_alpha: 0.1 },
    outputs: floats,
  },
  { op: `${ms}BiasGelu`, inputs: [float(2, 3, 4), float(4)], attributes: {}, outputs: floats },
  { op: `${ms}FastGelu`, inputs: [float(2, 3, 4), float(4)], attributes: {}, outputs: floats },
  { op: `${ms}FastGelu`, inputs: [float(2, 3, 4)], attributes: {}, outputs: floats },
  { op: `${ms}Gelu`, inputs: [float(2, 3, 4)], attributes: {}, outputs: floats },
  { op: `${ms}QuickGelu`, inputs: [float(2, 3, 4)], attributes: { alpha: 1.5 }, outputs: floats },
  {
    op: `${ms}FusedMatMul`,
    inputs: [float(2, 3, 4), float(2, 5, 4)],
    attributes: { alpha: 0.25, transB: 1 },
    outputs: floats,
  },
  {
    op: `${ms}SkipLayerNormalization`,
    inputs: [float(2, 3, 4), float(2, 3, 4), float(4), float(4), float(4)],
    attributes: { epsilon: 0.001 },
    outputs: floats,
  },
  {
    op: `${ms}SkipSimplifiedLayerNormalization`,
    inputs: [float(2, 3, 4), float(2, 3, 4), float(4), float(4)],
    attributes: { epsilon: 0.001 },
    outputs: floats,
  },
  {
    op: `${ms}MultiHeadAttention`,
    inputs: [float(2, 3, 8), float(2, 5, 8), float(2, 5, 8), float(24)],
    attributes: { num_heads: 2 },
    outputs: floats,
  },
  {
    op: `${ms}MultiHeadAttention`,
    inputs: [
      float(2, 3, 8),
      float(2, 5, 8),
      float(2, 5, 8),
      undefined,
      given('int32', [1, 1, 0, 1, 1, 1, 0, 1, 1, 1], [2, 5]),
      float(1, 2, 3, 5),
    ],
    attributes: { num_heads: 2, scale: 0.4 },
    outputs: floats,
  },
  {
    op: `${ms}Attention`,
    inputs: [float(2, 3, 4), float(4, 24), float(24)],
    attributes: { num_heads: 2, unidirectional: 1 },
    outputs: floats,
  },
  {
    op: `${ms}Attention`,
    inputs: [float(2, 3, 4), float(4, 24), float(24), given('int32', [1, 1, 0, 0, 1, 1], [2, 3])],
    attributes: { num_heads: 4 },
    outputs: floats,
  },
  {
    op: `${ms}MatMulNBits`,
    inputs: [float(2, 32), bytes(3, 2, 8), float(6)],
    attributes: { K: 32, N: 3, bits: 4, block_size: 16 },
    outputs: floats,
  },
  {
    op: `${ms}MatMulNBits`,
    inputs: [float(2, 32), bytes(3, 2, 8), float(6), bytes(3)],
    attributes: { K: 32, N: 3, bits: 4, block_size: 16 },
    outputs: floats,
  },
  {
    op: 'QLinearConv',
    inputs: [
      ...[bytes(1, 2, 5, 5), scale(0.02), zero(120), signed(3, 2, 3, 3), scale(0.01, 0.02, 0.015)],
      ...[given('int8', [0, 0, 0], [3]), scale(0.2137), zero(118), given('int32', [300, -40, 7], [3])],
    ],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] },
    outputs: codes,
  },
  {
    op: 'QLinearMatMul',
    inputs: [
      ...[
        bytes(2, 3),
        scale(0.02),
        zero(120),
        signed(3, 4),
        scale(0.01),
        signedZero(3),
        scale(0.05173),
        zero(128),
      ],
    ],
    attributes: {},
    outputs: codes,
  },
  ...['QLinearAdd', 'QLinearMul'].map(
    (op): FusedCase => ({
      op: ms + op,
      inputs: [
        ...[
          bytes(2, 3, 4),
          scale(0.02),
          zero(120),
          bytes(2, 3, 4),
          scale(0.03),
          zero(100),
          scale(0.05173),
          zero(128),
        ],
      ],
      attributes: {},
      outputs: codes,
    }),
  ),
  ...['QLinearSigmoid', 'QLinearLeakyRelu', 'QLinearGlobalAveragePool'].map(
    (op): FusedCase => ({
      op: ms + op,
      inputs: [bytes(1, 3, 4, 4), scale(0.02), zero(120), scale(0.00817), zero(100)],
      attributes: op === 'QLinearLeakyRelu' ? { alpha: 0.1 } : {},
      outputs: codes,
    }),
  ),
  {
    op: `${ms}QLinearAveragePool`,
    inputs: [bytes(1, 3, 4, 4), scale(0.02), zero(120), scale(0.01831), zero(100)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    outputs: codes,
  },
  {
    op: `${ms}QLinearConcat`,
    inputs: [
      ...[
        scale(0.03),
        zero(128),
        bytes(1, 2, 3),
        scale(0.02),
        zero(120),
        bytes(1, 4, 3),
        scale(0.05173),
        zero(90),
      ],
    ],
    attributes: { axis: 1 },
    outputs: codes,
  },
  {
    op: `${ms}QGemm`,
    inputs: [
      ...[bytes(2, 3), scale(0.02), zero(120), signed(4, 3), scale(0.01), signedZero(0)],
      ...[given('int32', [40, -30, 100, 7], [4]), scale(0.05173), zero(128)],
    ],
    attributes: { transB: 1, alpha: 0.5 },
    outputs: codes,
  },
  {
    op: `${ms}QGemm`,
    inputs: [bytes(2, 3), scale(0.02), zero(120), signed(3, 4), scale(0.01), signedZero(0)],
    attributes: {},
    outputs: floats,
  },
  {
    op: `${ms}MatMulIntegerToFloat`,
    inputs: [bytes(2, 3), signed(3, 4), scale(0.02), scale(0.01), zero(120), signedZero(0), float(4)],
    attributes: {},
    outputs: floats,
  },
  {
    op: `${ms}DynamicQuantizeMatMul`,
    inputs: [float(2, 3), signed(3, 4), scale(0.01), signedZero(0), float(4)],
    attributes: {},
    outputs: floats,
  },
  {
    op: `${ms}QuantizeLinear`,
    inputs: [float(2, 3), scale(0.001), given('uint16', [3000])],
    attributes: {},
    outputs: ['uint16'],
  },
  {
    op: `${ms}DequantizeLinear`,
    inputs: [given('int16', [-3000, 20, 3], [3]), scale(0.001), given('int16', [7])],
    attributes: {},
    outputs: floats,
  },
  ...(['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz'] as const).map(
    (dtype): FusedCase => ({
      op: 'Cast',
      inputs: [
        given(
          'float32',
          [0, -0, 0.3, -1.1, 17, 19, 1e-3, 5e-4, -3e-6, 239, 248, 447, 464, 480, 57343, 61440, 1e6, -1e6],
          [18],
        ),
      ],
      attributes: { to: typeNumbers[dtype] },
      outputs: [dtype],
    }),
  ),
  ...(['int8', 'uint8', 'int16', 'int4', 'uint4', 'float8e4m3fn', 'float8e5m2'] as const).map(
    (dtype): FusedCase => ({
      op: 'QuantizeLinear',
      inputs: [float(2, 6), scale(0.01), given(dtype, [0])],
      attributes: {},
      outputs: [dtype],
    }),
  ),
  {
    op: 'DequantizeLinear',
    inputs: [
      given('int4', [-8, -1, 0, 7, 3, -4, 2, 1, 5, -7, 6, -2], [2, 6]),
      given('float32', [0.5, 0.25, 2, 1], [2, 2]),
      given('int4', [1, -1, 0, 2], [2, 2]),
    ],
    attributes: { axis: 1, block_size: 3 },
    outputs: floats,
  },
];

/** Types that the bindings of ONNX Runtime do not give back: what is of them is cast to floats behind. */
const isHidden = (type: ElementType) => /^float8|int4$/.test(type);

/** The case as a network of one node; the first input of several numbers is the network's. */
export function networkOfCase({ op, inputs, attributes, outputs }: FusedCase): ModelData {
  const names = inputs.map((input, i) => (input === undefined ? '' : `x${i}`));
  const first = variableOf({ inputs });
  const tensors = inputs.flatMap((input, i): [string, StoredTensor][] =>
    input === undefined || i === first
      ? []
      : [
          [
            names[i],
            { dtype: input.dtype, shape: input.shape, bytes: encodeValues(input.dtype, input.values) },
          ],
        ],
  );
  const { dtype, shape } = inputs[first] as FusedInput;
  return {
    name: op,
    inputs: [{ name: names[first], shape, dtype }],
    outputs: outputs.map((type, i) => ({ name: `y${i}`, dtype: isHidden(type) ? 'float32' : type })),
    nodes: [
      {
        name: 'node',
        op,
        inputs: names,
        outputs: outputs.map((type, i) => (isHidden(type) ? `codes${i}` : `y${i}`)),
        attributes,
      },
      ...outputs.flatMap((type, i): GraphNode[] =>
        isHidden(type)
          ? [
              {
                name: `cast${i}`,
                op: 'Cast',
                inputs: [`codes${i}`],
                outputs: [`y${i}`],
                attributes: { to: 1 },
              },
            ]
          : [],
      ),
    ],
    tensors: new Map(tensors),
    source: { opset: 21 },
  };
}

/** The place of the input that is the network's own: the first of several numbers. */
export const variableOf = ({ inputs }: Pick<FusedCase, 'inputs'>): number =>
  inputs.findIndex((input) => input !== undefined && !isHidden(input.dtype) && input.values.length > 1);
