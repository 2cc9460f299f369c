import { pick } from '../autodiff/primitives/pick.ts';
import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { contiguous, type FloatArray, fromData } from '../tensor/tensor.ts';
import { type Layers, need, number, unlessAlongImages, valuesOf, wholeMap } from './layer.ts';

/** An axis of a shape: its length, what lies within one step along it, and how often it is walked. */
export function axisOf(shape: Shape, axis: number) {
  return { length: shape[axis], inner: sizeOf(shape.slice(axis + 1)), outer: sizeOf(shape.slice(0, axis)) };
}

/** Positions of the k first entries along an axis in an order, and how many stand beside their like. The earlier of equals comes first. */
function firstEntries(
  values: FloatArray,
  shape: Shape,
  { axis, k, sign }: { axis: number; k: number; sign: number },
) {
  const { length, inner, outer } = axisOf(shape, axis);
  const index = new Int32Array(roomFor(outer * k * inner));
  let ties = 0;
  for (let row = 0; row < outer * inner; row++) {
    const start = Math.floor(row / inner) * length * inner + (row % inner);
    const at = (i: number) => values[start + i * inner];
    const order = Array.from({ length }, (_, i) => i).sort((a, b) => sign * (at(b) - at(a)) || a - b);
    for (let i = 0; i < k; i++) {
      index[(Math.floor(row / inner) * k + i) * inner + (row % inner)] = start + order[i] * inner;
      if (i + 1 < length && at(order[i]) === at(order[i + 1])) ties++;
    }
  }
  return { index, ties };
}

export const choosing: Layers = {
  TopK: {
    ...wholeMap,
    images: unlessAlongImages(-1),
    steeredFrom: 1,
    inputs: [1, 2],
    outputs: 2,
    attributes: { axis: 'int', k: 'int', largest: 'int', sorted: 'int' },
    evaluate: (inputs, attributes, { outputs }) => {
      const x = need(inputs, 0, 'X');
      const axis = normalizeAxis(number(attributes, 'axis', -1), x.shape.length, 'choose');
      const k = valuesOf(inputs[1])?.[0] ?? number(attributes, 'k', -1);
      const { length, inner } = axisOf(x.shape, axis);
      if (!Number.isInteger(k) || k < 0 || k > length) {
        throw new InputError(`its K must be a whole number from 0 to ${length}, got ${k}`);
      }
      const order = { axis, k, sign: number(attributes, 'largest', 1) === 0 ? -1 : 1 };
      const shape = x.shape.map((own, i) => (i === axis ? k : own));
      const values = pick(x, shape, (data) => firstEntries(data, x.shape, order));
      if (outputs < 2) return values;
      const { index } = firstEntries(contiguous(concrete(x)).data, x.shape, order);
      const places = Float64Array.from(index, (from) => Math.floor(from / inner) % length);
      return [values, fromData(places, shape)];
    },
    types: ([type]) => [type, 'int64'],
  },
};
