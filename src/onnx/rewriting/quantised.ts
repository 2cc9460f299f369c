import { number } from '../../layers/layer.ts';
import type { Attributes } from '../../model/data/format.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Body, Rewriting, RewritingRow, RewritingRows } from './rewriteNodes.ts';

/** The attributes of a node of the kind that is quantised: those that only say how it is quantised are gone. */
function own({ attributes }: Rewriting): Attributes {
  const { channels_last: last = 0, ...rest } = attributes;
  if (last === 0) return rest;
  throw new InputError(
    'it has its channels last, a layout of one processor; save the file at a lower optimization level, or give the one that was not optimized',
  );
}

/** Where the scale that stands at input i lies beside its tensor: nowhere where it is one number. */
const along = ({ isSingle }: Rewriting, i: number, axis: number): Attributes => (isSingle(i) ? {} : { axis });

/** Inputs i, i + 1, i + 2 are a tensor, its scale and its zero point: the numbers that they stand for. */
function wide(node: Rewriting, i: number, axis?: number): string {
  const { input, make } = node;
  const attributes = axis === undefined ? {} : along(node, i + 1, axis);
  return make('DequantizeLinear', [input(i), input(i + 1), input(i + 2)], attributes);
}

/** What a body makes, quantised by the scale and the zero point at inputs i and i + 1. */
function narrow({ input, make }: Rewriting, body: Body, i: number, attributes: Attributes = {}): Body {
  return ['QuantizeLinear', [make(...body), input(i), input(i + 1)], attributes];
}

/** An operator of one quantised tensor: x, its scale and zero point, those of the output. */
const ofOne = (op: string): RewritingRow => ({
  inputs: [4, 5],
  becomes: `DequantizeLinear, ${op}, QuantizeLinear`,
  rewrite: (node) => narrow(node, [op, [wide(node, 0)], own(node)], 3),
});

/** An operator of two. */
const ofTwo = (op: string): RewritingRow => ({
  inputs: [7, 8],
  becomes: `DequantizeLinear twice, ${op}, QuantizeLinear`,
  rewrite: (node) => narrow(node, [op, [wide(node, 0), wide(node, 3)], own(node)], 6),
});

/** A bias of 32 bits, in steps of the product of two scales. */
function wideBias(node: Rewriting, bias: number, [a, b]: readonly [number, number]): string {
  const { input, make, isSingle } = node;
  if (input(bias) === '') return '';
  const scale = make('Mul', [input(a), input(b)]);
  const attributes = isSingle(a) && isSingle(b) ? {} : { axis: 0 };
  return make('DequantizeLinear', [input(bias), scale], attributes);
}

const convolution: RewritingRow = {
  inputs: [8, 9],
  becomes: 'DequantizeLinear of x, w and the bias, Conv, QuantizeLinear',
  rewrite(node) {
    const inputs = [wide(node, 0), wide(node, 3, 0), wideBias(node, 8, [1, 4])];
    return narrow(node, ['Conv', inputs, own(node)], 6);
  },
};

const product: RewritingRow = {
  inputs: [8, 8],
  becomes: 'DequantizeLinear twice, MatMul, QuantizeLinear',
  rewrite: (node) => narrow(node, ['MatMul', [wide(node, 0, -2), wide(node, 3, -1)]], 6, along(node, 6, -2)),
};

const gemm: RewritingRow = {
  inputs: [6, 9],
  becomes: 'DequantizeLinear of A, B and C, Gemm, QuantizeLinear where the output is quantised',
  rewrite(node) {
    const { attributes, input } = node;
    const columns = number(attributes, 'transB', 0) === 1 ? 0 : 1;
    const inputs = [wide(node, 0), wide(node, 3, columns), wideBias(node, 6, [1, 4])];
    // C is in steps of alpha · a_scale · b_scale.
    const body: Body = ['Gemm', inputs, { ...attributes, beta: number(attributes, 'alpha', 1) }];
    return input(7) === '' ? body : narrow(node, body, 7);
  },
};

const concat: RewritingRow = {
  inputs: [5, Number.POSITIVE_INFINITY],
  becomes: 'DequantizeLinear of each, Concat, QuantizeLinear',
  rewrite(node) {
    const parts: string[] = [];
    for (let i = 2; i < node.count; i += 3) parts.push(wide(node, i));
    return narrow(node, ['Concat', parts, node.attributes], 0);
  },
};

/** Whole numbers times others, less their zero points, times their scales. */
const toFloat: RewritingRow = {
  inputs: [4, 7],
  becomes: 'DequantizeLinear twice, MatMul, Add',
  rewrite(node) {
    const { input, make } = node;
    const a = make('DequantizeLinear', [input(0), input(2), input(4)]);
    const b = make('DequantizeLinear', [input(1), input(3), input(5)], along(node, 3, -1));
    return plus(node, ['MatMul', [a, b]], input(6));
  },
};

/** A product with what is quantised by a scale of its own first. */
const dynamicProduct: RewritingRow = {
  inputs: [3, 5],
  becomes: 'DynamicQuantizeLinear, DequantizeLinear twice, MatMul, Add',
  rewrite(node) {
    const { input, make, makeAll } = node;
    const codes = makeAll('DynamicQuantizeLinear', [input(0)], 3);
    const a = make('DequantizeLinear', codes);
    const b = make('DequantizeLinear', [input(1), input(2), input(3)], along(node, 2, -1));
    return plus(node, ['MatMul', [a, b]], input(4));
  },
};

const plus = ({ make }: Rewriting, body: Body, bias: string): Body =>
  bias === '' ? body : ['Add', [make(...body), bias]];

/** Parameters as the operators of onnxruntime for 16 bits have them are those of ONNX. */
const asOnnx = (op: string): RewritingRow => ({
  inputs: [2, 3],
  becomes: op,
  rewrite: ({ input, attributes }) => [op, [input(0), input(1), input(2)], attributes],
});

/**
 * Operators of whole numbers, as what they stand for: they are read in the form that has a pair of QuantizeLinear and DequantizeLinear
 * around each operator of floats. Between the two, the sums are of floats.
 */
export const quantised: RewritingRows = {
  QLinearConv: convolution,
  QLinearMatMul: product,
  'com.microsoft.QLinearConv': convolution,
  'com.microsoft.QLinearAdd': ofTwo('Add'),
  'com.microsoft.QLinearMul': ofTwo('Mul'),
  'com.microsoft.QLinearAveragePool': ofOne('AveragePool'),
  'com.microsoft.QLinearConcat': concat,
  'com.microsoft.QLinearGlobalAveragePool': ofOne('GlobalAveragePool'),
  'com.microsoft.QLinearLeakyRelu': ofOne('LeakyRelu'),
  'com.microsoft.QLinearSigmoid': ofOne('Sigmoid'),
  'com.microsoft.QGemm': gemm,
  'com.microsoft.DynamicQuantizeMatMul': dynamicProduct,
  'com.microsoft.MatMulIntegerToFloat': toFloat,
  'com.microsoft.QuantizeLinear': asOnnx('QuantizeLinear'),
  'com.microsoft.DequantizeLinear': asOnnx('DequantizeLinear'),
};
