/** Products of stacks of matrices [… M, K] × [… K, N]. */
import { number } from '../../../layers/layer.ts';
import { type Parameters, step } from '../../../tensor/kernels/wasm/steps.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import { lowerDense } from './dense.ts';
import {
  arranged,
  type Lower,
  type Lowered,
  type LoweringContext,
  operand,
  placeBias,
  placeMask,
} from './lowering.ts';
import { productScratch, productStep, single } from './product.ts';
import { type Buffer, type DeviceValue, newValue, type Operation, orderOf, padded, runOf } from './values.ts';
import { expanded, transposed } from './views.ts';

/** How a stack of matrices lies: rows in one or two loops, stacks in one or two. Floats. */
interface Loops {
  /** Of the inner loop: how many, and how far apart; then the outer loop's distance. */
  readonly inner: number;
  readonly step: number;
  readonly outer: number;
}

/** Axes as two loops at most, for all operands alike; undefined where they are more. */
function loopsOf(values: readonly DeviceValue[], axes: readonly number[]): Loops[] | undefined {
  const [first] = values;
  for (let cut = 0; cut < Math.max(1, axes.length); cut++) {
    const [outer, inner] = [axes.slice(0, cut), axes.slice(cut)];
    const runs = values.map((x) => [runOf(x, outer), runOf(x, inner)]);
    if (runs.some(([a, b]) => a === undefined || b === undefined)) continue;
    const count = sizeOf(inner.map((axis) => first.shape[axis]));
    return runs.map(([a, b]) => ({ inner: count, step: b as number, outer: a as number }));
  }
  return undefined;
}

type Fields = Parameters<'product'>;

/** What a product of matrices without windows is told. */
const noWindow = {
  ...{ kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0 },
} satisfies Partial<Fields>;

/** How many rows a product has, and how they lie: `images` of `width` pixels in a row. */
const rowFields = (rows: number, { inner, step: pixel, outer }: Loops) => ({
  rows,
  ...{ height: 1, width: inner, outputHeight: 1, outputWidth: inner },
  pixelBytes: pixel * 4,
  imageBytes: outer * 4,
});

const outerOf = (x: DeviceValue) => orderOf(x).filter((axis) => axis !== x.strand);

/** The value with its last axis as the strand, and the others in the order in which they lie. */
function withStrand(context: LoweringContext, x: DeviceValue): DeviceValue {
  const last = x.shape.length - 1;
  if (x.strand === last) return x;
  return arranged(context, x, [...orderOf(x).filter((axis) => axis !== last), last]);
}

/** Panels of a constant matrix [K, N]. */
function placePanels({ weights, node }: LoweringContext, w: Tensor, isTurned: boolean): number {
  const [rows, columns] = isTurned ? [w.shape[1], w.shape[0]] : w.shape;
  const depth = padded(rows);
  const key = `${node.outputs[0]} columns`;
  return weights.place(key, Math.ceil(columns / 8) * depth * 8, (out) =>
    weights.borrow(w, (data) => {
      for (let k = 0; k < rows; k++) {
        for (let j = 0; j < columns; j++) {
          const value = data[isTurned ? j * rows + k : k * columns + j];
          out[((j >> 3) * depth + k) * 8 + (j & 7)] = value;
        }
      }
    }),
  );
}

/** A stack of rows times one constant matrix, to which a row and a value may be added. */
function timesConstant(context: LoweringContext, given: DeviceValue, w: Tensor): Lowered | undefined {
  const { shape, epilogue, weights } = context;
  const columns = shape.at(-1) as number;
  let x = withStrand(context, given);
  let loops = loopsOf([x], outerOf(x));
  if (loops === undefined) {
    x = arranged(context, x, orderOf(x));
    loops = loopsOf([x], outerOf(x));
  }
  if (loops === undefined) return undefined;
  const isTurned = context.node.op === 'Gemm' && number(context.node.attributes, 'transB', 0) === 1;
  const depth = padded(isTurned ? w.shape[1] : w.shape[0]);
  const output = newValue(shape, orderOf(x));
  const rows = sizeOf(outerOf(x).map((axis) => x.shape[axis]));
  const residual = residualOf(context, output);
  const fields = {
    ...{ columns: padded(columns), depth, ...noWindow, ...rowFields(rows, loops[0]) },
    weights: placePanels(context, w, isTurned),
    bias: placeBias(context, 2, columns),
    zeros: weights.zeros(depth * 4),
    mask: placeMask(weights, columns),
    ...epilogue,
    outputRowBytes: padded(columns) * 4,
    residualRowBytes: residual ? (runOf(residual, outerOf(output)) ?? 0) * 4 : 0,
    ...single,
  };
  const scratch = productScratch(fields);
  return {
    output,
    operations: [
      {
        reads: [x.buffer, ...(residual ? [residual.buffer] : [])],
        writes: [output.buffer, scratch],
        work: 2 * rows * fields.columns * depth,
        steps: (at) => [
          productStep(
            {
              ...fields,
              input: at(x.buffer),
              output: at(output.buffer),
              residual: residual ? at(residual.buffer) : 0,
            },
            { at: at(scratch), buffer: scratch },
          ),
        ],
      },
    ],
  };
}

/** What is added to a product, lying as its output does. */
function residualOf(context: LoweringContext, output: DeviceValue): DeviceValue | undefined {
  const { residual } = context;
  if (residual === undefined) return undefined;
  const isAlong = residual.strand === output.strand && runOf(residual, outerOf(output)) !== undefined;
  return isAlong ? residual : arranged(context, residual, orderOf(output));
}

/** The matrices of a stack, computed before, as panels. */
function packed(
  context: LoweringContext,
  given: DeviceValue,
): { panels: Buffer; operation: Operation } | undefined {
  const rank = given.shape.length;
  let b = given;
  let loops = loopsOf([b], b.shape.map((_, axis) => axis).slice(0, -2));
  if (loops === undefined) {
    b = arranged(
      context,
      b,
      b.shape.map((_, axis) => axis),
    );
    loops = loopsOf([b], b.shape.map((_, axis) => axis).slice(0, -2));
  }
  if (loops === undefined) return undefined;
  const [{ inner, step: distance, outer }] = loops;
  const [rows, columns] = b.shape.slice(-2);
  const depth = padded(rows);
  const batches = sizeOf(b.shape.slice(0, -2));
  const count = Math.ceil(columns / 8);
  const panels: Buffer = { bytes: batches * count * depth * 32 };
  const [rowBytes, columnBytes] = [b.strides[rank - 2] * 4, b.strides[rank - 1] * 4];
  const operation: Operation = {
    reads: [b.buffer],
    writes: [panels],
    work: 2 * batches * rows * columns,
    steps: (at) => [
      step('pack', batches * count, {
        ...{ input: at(b.buffer), output: at(panels), rows, depth, columns, rowBytes, columnBytes, inner },
        ...{ innerBytes: distance * 4, outerBytes: outer * 4 },
      }),
    ],
  };
  return { panels, operation };
}

/** The value with axes of length 1 before its first, so many in all. */
function ofRank(x: DeviceValue, rank: number): DeviceValue {
  const more = rank - x.shape.length;
  return more <= 0 ? x : (expanded(x, [...new Array<number>(more).fill(1), ...x.shape]) as DeviceValue);
}

/** A stack of matrices times another. */
function timesStack(context: LoweringContext, a: DeviceValue, b: DeviceValue): Lowered | undefined {
  const { shape, epilogue, weights, residual, shift } = context;
  const rank = shape.length;
  if (residual !== undefined || shift !== undefined || rank < 2) return undefined;
  const [rows, columns] = shape.slice(-2);
  const stack = shape.slice(0, -2);
  const whole = expanded(ofRank(b, rank), [...stack, ...b.shape.slice(-2)]);
  const wide = expanded(ofRank(a, rank), [...stack, ...a.shape.slice(-2)]);
  if (whole === undefined || wide === undefined) return undefined;
  let x = withStrand(context, wide);
  const axes = [...stack.keys()];
  let output = newValue(shape, orderOf(x));
  let loops = loopsOf([x, output], axes);
  if (loops === undefined || runOf(x, [rank - 2]) === undefined) {
    x = arranged(context, x, [...axes, rank - 2, rank - 1]);
    output = newValue(shape, [...axes, rank - 2, rank - 1]);
    loops = loopsOf([x, output], axes);
  }
  const matrices = packed(context, whole);
  if (loops === undefined || matrices === undefined) return undefined;
  const [from, to] = loops;
  const depth = padded(x.shape[rank - 1]);
  const fields = {
    ...{ columns: padded(columns), depth, ...noWindow },
    ...rowFields(rows, { inner: rows, step: x.strides[rank - 2], outer: 0 }),
    bias: weights.zeros(Math.ceil(columns / 8) * 32),
    zeros: weights.zeros(depth * 4),
    mask: placeMask(weights, columns),
    ...epilogue,
    ...{ residual: 0, residualRowBytes: 0 },
    outputRowBytes: output.strides[rank - 2] * 4,
    batchInputBytes: from.step * 4,
    batchWeightBytes: Math.ceil(columns / 8) * depth * 32,
    batchOutputBytes: to.step * 4,
    ...{ inner: from.inner, outerInputBytes: from.outer * 4, outerOutputBytes: to.outer * 4 },
  };
  const scratch = productScratch(fields);
  const batches = sizeOf(stack);
  const { panels, operation } = matrices;
  return {
    output,
    operations: [
      operation,
      {
        reads: [x.buffer, panels],
        writes: [output.buffer, scratch],
        work: 2 * batches * rows * columns * depth,
        steps: (at) => [
          productStep(
            { ...fields, input: at(x.buffer), weights: at(panels), output: at(output.buffer) },
            { at: at(scratch), buffer: scratch },
            batches,
          ),
        ],
      },
    ],
  };
}

export const lowerMatMul: Lower = (context) => {
  const a = context.value(0);
  const w = context.constant(1);
  if (a?.shape.length === 2 && w !== undefined) return lowerDense(context);
  if (a !== undefined && w?.shape.length === 2 && a.shape.length > 2) return timesConstant(context, a, w);
  const [x, b] = [operand(context, 0), operand(context, 1)];
  if (x === undefined || b === undefined || x.shape.length < 2 || b.shape.length < 2) return undefined;
  return timesStack(context, x, b);
};

/** Gemm of two values without a factor; a sum is left to dense products. */
export const lowerGemm: Lower = (context) => {
  const { attributes, inputs } = context.node;
  if (context.value(1) === undefined) return lowerDense(context);
  const [a, b] = [context.value(0), context.value(1)];
  if (a === undefined || b === undefined || inputs[2] || number(attributes, 'alpha', 1) !== 1)
    return undefined;
  const turned = (x: DeviceValue, name: string) =>
    number(attributes, name, 0) === 1 ? transposed(x, [1, 0]) : x;
  return timesStack(context, turned(a, 'transA'), turned(b, 'transB'));
};
