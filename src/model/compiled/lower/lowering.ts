import type { Shape } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { inOrder } from './copies.ts';
import {
  asMap,
  type DeviceValue,
  type MapValue,
  newValue,
  type Operation,
  plainOrder,
  usualOrder,
} from './values.ts';
import { dataOf, type WeightStore } from './weights.ts';

/** What is done to a result before it is stored. */
export interface Epilogue {
  readonly low: number;
  readonly high: number;
  /** The number of what is taken of each entry behind the bounds, 0 for none, and its parameter. */
  readonly kind: number;
  readonly alpha: number;
}

export const noEpilogue: Epilogue = {
  ...{ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  ...{ kind: 0, alpha: 0 },
};

/** What a node is told when it is turned into operations. */
export interface LoweringContext {
  readonly node: GraphNode;
  /** Input i on the device, as it lies there. */
  readonly value: (i: number) => DeviceValue | undefined;
  /** Input i as a constant. */
  readonly constant: (i: number) => Tensor | undefined;
  /** Shape of the first output. */
  readonly shape: Shape;
  /** Shape of output i, where there is one. */
  readonly shapeOf: (i: number) => Shape | undefined;
  /** A constant that is added along the last axis of a product. */
  readonly shift?: Tensor | undefined;
  /** A value of the output's shape that is added before the bounds. */
  readonly residual?: DeviceValue | undefined;
  readonly epilogue: Epilogue;
  /** One factor and one shift for each output channel, applied before the epilogue: a folded normalization. */
  readonly scaling?: { readonly factors: Float64Array; readonly shifts: Float64Array } | undefined;
  /** Weights on the device, made once for all batch sizes. */
  readonly weights: WeightStore;
  /** What has to be done before the node's own operations: changes of layout. */
  readonly before: Operation[];
}

export interface Lowered {
  readonly output: DeviceValue;
  /** Outputs behind the first. */
  readonly more?: readonly DeviceValue[];
  readonly operations: readonly Operation[];
}

/** Turns a node into operations; undefined where it can't, so that the reference takes the node. */
export type Lower = (context: LoweringContext) => Lowered | undefined;

/** The value with its axes in an order. */
export function arranged({ before }: LoweringContext, x: DeviceValue, order: readonly number[]): DeviceValue {
  const { output, operations } = inOrder(x, order);
  for (const operation of operations) before.push(operation);
  return output;
}

/** The value as a feature map; undefined for other than two and four axes. */
export function mapOf(context: LoweringContext, x: DeviceValue | undefined): MapValue | undefined {
  if (x === undefined || (x.shape.length !== 2 && x.shape.length !== 4)) return undefined;
  return asMap(x) ?? asMap(arranged(context, x, usualOrder(x.shape)));
}

/** Input i as a feature map. */
export const mapAt = (context: LoweringContext, i: number) => mapOf(context, context.value(i));

/** A constant as a value whose axes lie in an order. */
export function placed(
  { weights, node }: LoweringContext,
  { constant, name, order }: { constant: Tensor; name: string; order?: readonly number[] },
): DeviceValue {
  const { shape } = constant;
  const axes = order ?? plainOrder(shape);
  const value = newValue(shape, axes);
  const address = weights.place(`${node.outputs[0]} ${name} ${axes}`, value.buffer.bytes / 4, (out) =>
    weights.borrow(constant, (data) => {
      const index = shape.map(() => 0);
      for (let i = 0; i < data.length; i++) {
        let at = 0;
        for (let axis = 0; axis < index.length; axis++) at += index[axis] * value.strides[axis];
        out[at] = data[i];
        for (let axis = index.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
      }
    }),
  );
  return { ...value, buffer: { bytes: value.buffer.bytes, address } };
}

/** Input i on the device, constant or not. */
export function operand(context: LoweringContext, i: number): DeviceValue | undefined {
  const value = context.value(i);
  const constant = context.constant(i);
  return value ?? (constant && placed(context, { constant, name: `input ${i}` }));
}

/** Bias of a node, with a folded normalization in it, padded for whole panels. */
export function placeBias(
  { node, constant, shift, scaling, weights }: LoweringContext,
  i: number,
  channels: number,
): number {
  const bias = shift ?? constant(i);
  const length = Math.ceil(channels / 8) * 8;
  if (bias === undefined && scaling === undefined) return weights.zeros(length * 4);
  return weights.place(`${node.outputs[0]} bias${scaling ? ' scaled' : ''}`, length, (out) => {
    const data = bias && dataOf(bias);
    for (let c = 0; c < channels; c++) {
      const value = data === undefined ? 0 : data[data.length === 1 ? 0 : c];
      out[c] = scaling ? value * scaling.factors[c] + scaling.shifts[c] : value;
    }
  });
}

/** Address of a lane mask that zeroes the padding channels of the last vector; 0 where there is none. */
export function placeMask(weights: WeightStore, channels: number): number {
  const rest = channels % 4;
  if (rest === 0) return 0;
  return weights.place(`mask ${rest}`, 4, ({ buffer, byteOffset }) => {
    new Int32Array(buffer, byteOffset, rest).fill(-1);
  });
}
