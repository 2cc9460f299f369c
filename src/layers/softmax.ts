import {
  abs,
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
import { lift, type Operand } from '../autodiff/primitives/lift.ts';
import {
  type Axes,
  keepsDimensions,
  type ReduceOptions,
  reducedAxes,
} from '../autodiff/primitives/shaping.ts';
import { concrete } from '../autodiff/trace.ts';
import { roomFor } from '../tensor/room.ts';
import { normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData, full, type Tensor } from '../tensor/tensor.ts';
import { type Layers, number, simple, unlessAlongImages, wholeMap } from './layer.ts';

/** 1 at the first largest entry along an axis, else 0: a constant. */
function topMask(x: Tensor, axis: number): Tensor {
  const rank = x.shape.length;
  const length = x.shape[axis];
  const positions = fromData(
    Float64Array.from({ length: roomFor(length) }, (_, i) => i),
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
  if (sizeOf(x.shape) === 0) return x;
  const e = exp(sub(x, max(x, [at], { keepDimensions: true })));
  return div(e, sum(e, [at], { keepDimensions: true }));
}

/**
 * x − x_s and log Σ e^(x − x_s) along an axis, s the first largest entry. Its own difference is 0 by structure (the derivative
 * of x_s − x_s would be 1 − 1 in reverse, which takes the digits of what is added to it), and its own 1 is left to log1p.
 */
function shiftedParts(x: Tensor, shift: Tensor, at: number): { shifted: Tensor; rest: Tensor } {
  const isTop = topMask(x, at);
  const shifted = where(isTop, 0, sub(x, shift));
  const others = where(isTop, 0, exp(shifted));
  return { shifted, rest: log1p(sum(others, [at], { keepDimensions: true })) };
}

/** 0 where it is infinite: ∞ − ∞ would be NaN. */
function finite(top: Tensor): Tensor {
  const isInfinite = equal(abs(concrete(top)), Number.POSITIVE_INFINITY);
  return contiguous(isInfinite).data.some((each) => each === 1) ? where(isInfinite, 0, top) : top;
}

/**
 * x − log Σ eˣ along an axis; keeps its digits where p is within 1e-16 of 1.
 * @example
 * logSoftmax(tensor([0, -1000])) // [0, -1000]
 */
export function logSoftmax(given: Operand, axis = -1): Tensor {
  const x = lift(given, 'take logSoftmax');
  const at = normalizeAxis(axis, x.shape.length, 'logSoftmax');
  if (sizeOf(x.shape) === 0) return x;
  const { shifted, rest } = shiftedParts(x, max(x, [at], { keepDimensions: true }), at);
  return sub(shifted, rest);
}

/**
 * log Σ eˣ over axes (all by default); −∞ where there is nothing, or nothing above −∞.
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
  if (sizeOf(x.shape) === 0) return full(shape, Number.NEGATIVE_INFINITY, x.dtype);
  const top = max(x, at, { keepDimensions: true });
  const rest =
    at.length === 1
      ? shiftedParts(x, finite(top), at[0]).rest
      : log(sum(exp(sub(x, finite(top))), at, { keepDimensions: true }));
  return reshape(add(top, rest), shape);
}

/** Before operator set 13 the axes from `axis` on were one. */
function alongAxis(f: (x: Tensor, axis: number) => Tensor) {
  return simple(
    (x, attributes, { opset }) => {
      if (opset >= 13) return f(x, number(attributes, 'axis', -1));
      const given = number(attributes, 'axis', 1);
      const axis = given < 0 ? given + x.shape.length : given;
      const flat: Shape = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))];
      return reshape(f(reshape(x, flat), 1), x.shape);
    },
    { ...wholeMap, images: unlessAlongImages(-1) },
    { axis: 'int' },
  );
}

export const softmaxLayers: Layers = {
  Softmax: { ...alongAxis(softmax), ending: 'softmax', activates: true },
  LogSoftmax: { ...alongAxis(logSoftmax), ending: 'softmax' },
  Hardmax: alongAxis((x, axis) => {
    const at = normalizeAxis(axis, x.shape.length, 'hardmax');
    if (sizeOf(x.shape) === 0) return x;
    return add(topMask(x, at), mul(0, concrete(x)));
  }),
};
