import {
  add,
  argExtreme,
  div,
  equal,
  exp,
  log,
  log1p,
  max,
  mul,
  reshape,
  sub,
  sum,
  where,
} from '../autodiff/operations.ts';
import { lift, type Operand } from '../autodiff/primitives/operand.ts';
import {
  type Axes,
  keepsDimensions,
  type ReduceOptions,
  reducedAxes,
} from '../autodiff/primitives/shaping.ts';
import { concrete } from '../autodiff/trace.ts';
import { normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import { type Layers, number, simple } from './layer.ts';

/** 1 at the first largest entry along an axis, else 0: a constant. */
function topMask(x: Tensor, axis: number): Tensor {
  const rank = x.shape.length;
  const length = x.shape[axis];
  const positions = fromData(
    Float64Array.from({ length }, (_, i) => i),
    [length, ...x.shape.slice(axis + 1).map(() => 1)],
  );
  return equal(argExtreme(concrete(x), axis - rank), positions);
}

/**
 * eˣ / Σ eˣ along an axis. The largest entry is subtracted with its derivatives, so that those of p keep their digits
 * however large x is.
 * @example
 * softmax(tensor([0, 0, 0, 0])) // [0.25, 0.25, 0.25, 0.25]
 * softmax(tensor([1000, 0])) // [1, 0]
 */
export function softmax(given: Operand, axis = -1): Tensor {
  const x = lift(given, 'take softmax');
  const at = normalizeAxis(axis, x.shape.length, 'softmax');
  const e = exp(sub(x, max(x, [at], { keepDimensions: true })));
  return div(e, sum(e, [at], { keepDimensions: true }));
}

/** x_s and log Σ e^(x − x_s) along an axis, s the first largest entry: its own 1 is left to log1p, never added. */
function logSumParts(x: Tensor, at: number): { top: Tensor; rest: Tensor } {
  const top = max(x, [at], { keepDimensions: true });
  const others = where(topMask(x, at), 0, exp(sub(x, top)));
  return { top, rest: log1p(sum(others, [at], { keepDimensions: true })) };
}

/**
 * x − log Σ eˣ along an axis; keeps its digits where p is within 1e-16 of 1.
 * @example
 * logSoftmax(tensor([0, -1000])) // [0, -1000]
 */
export function logSoftmax(given: Operand, axis = -1): Tensor {
  const x = lift(given, 'take logSoftmax');
  const at = normalizeAxis(axis, x.shape.length, 'logSoftmax');
  const { top, rest } = logSumParts(x, at);
  return sub(sub(x, top), rest);
}

/**
 * log Σ eˣ over axes (all by default).
 * @example
 * logSumExp(tensor([1000, -1000])) // 1000
 * grad((x) => logSumExp(x))([0, 0]) // [0.5, 0.5]
 */
export function logSumExp(given: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  const action = 'take the log-sum-exp';
  const x = lift(given, action);
  const keepDimensions = keepsDimensions(options, action);
  const at = reducedAxes(x, axes, action);
  const kept = x.shape.map((length, axis) => (at.includes(axis) ? 1 : length));
  const shape = keepDimensions ? kept : x.shape.filter((_, axis) => !at.includes(axis));
  if (at.length === 1) {
    const { top, rest } = logSumParts(x, at[0]);
    return reshape(add(top, rest), shape);
  }
  const top = max(x, at, { keepDimensions: true });
  return reshape(add(top, log(sum(exp(sub(x, top)), at, { keepDimensions: true }))), shape);
}

/** Before operator set 13 the axes from `axis` on were one. */
function alongAxis(f: (x: Tensor, axis: number) => Tensor) {
  return simple((x, attributes, { opset }) => {
    if (opset >= 13) return f(x, number(attributes, 'axis', -1));
    const given = number(attributes, 'axis', 1);
    const axis = given < 0 ? given + x.shape.length : given;
    const flat: Shape = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))];
    return reshape(f(reshape(x, flat), 1), x.shape);
  });
}

export const softmaxLayers: Layers = {
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis((x, axis) => {
    const at = normalizeAxis(axis, x.shape.length, 'hardmax');
    return add(topMask(x, at), mul(0, concrete(x)));
  }),
};
