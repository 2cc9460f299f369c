import { inPrecision } from '../autodiff/primitives/staircase.ts';
import { concrete, isDifferentiated } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { mapEntries } from '../tensor/kernels/reference/map.ts';
import { roomFor } from '../tensor/room.ts';
import { sizeOf } from '../tensor/shape.ts';
import { castTo, type DType, fromData, full, type Tensor } from '../tensor/tensor.ts';
import { entrywise, type Layers, need, number, valuesOf, wholeMap } from './layer.ts';
import { placesOf } from './places.ts';
import { stairsOf, toStairs } from './stairs.ts';
import {
  type Attributes,
  type ElementType,
  elementTypeOf,
  isFloat,
  isNarrowInteger,
  type TensorAttribute,
} from './types.ts';

/** Bits of the integer types; a cast wraps around. */
const wraps: Readonly<Record<string, (x: number) => number>> = {
  int2: (x) => (x << 30) >> 30,
  uint2: (x) => x & 3,
  int4: (x) => (x << 28) >> 28,
  uint4: (x) => x & 15,
  int8: (x) => (x << 24) >> 24,
  int16: (x) => (x << 16) >> 16,
  int32: (x) => x | 0,
  uint8: (x) => x & 255,
  uint16: (x) => x & 65535,
  uint32: (x) => x >>> 0,
};

const isFloatType = (type: ElementType | undefined) => type === undefined || isFloat(type);

interface CastOptions {
  readonly type: ElementType;
  readonly from: ElementType | undefined;
  readonly precision: DType;
  readonly attributes: Attributes;
  readonly opset: number;
}

/**
 * x as another element type: floats keep the precision of the run, but for bfloat16 and narrower ones, which round (straight through for
 * derivatives); integers truncate toward zero. What is read from integers keeps their derivatives: quantised values have them.
 */
function cast(x: Tensor, { type, from, precision, attributes, opset }: CastOptions): Tensor {
  if (isFloatType(type)) {
    const floats = isFloatType(from) ? x : inPrecision(x, precision);
    const stairs = type === 'float16' ? undefined : stairsOf(type, attributes, opset);
    return stairs === undefined ? floats : toStairs(floats, stairs);
  }
  if (isDifferentiated(x) && isNarrowInteger(from) && /^int(32|64)$/.test(type)) return x;
  const values = castTo(concrete(x), 'float64');
  if (type === 'bool') return mapEntries(values, (value) => (value !== 0 ? 1 : 0));
  const wrap = wraps[type] ?? ((value: number) => value);
  return mapEntries(values, (value) => wrap(Math.trunc(value)));
}

/** The element type that an attribute names. */
function targetOf(attributes: Attributes, name: string): ElementType | undefined {
  if (attributes[name] === undefined) return undefined;
  const type = elementTypeOf(number(attributes, name, 1));
  if (type === undefined)
    throw new InputError(`it casts to the element type ${attributes[name]}, which jetgrad does not hold`);
  return type;
}

const castTarget = (attributes: Attributes): ElementType => targetOf(attributes, 'to') ?? 'float32';

function attributeTensor(value: TensorAttribute, precision: DType): Tensor {
  const data = Float64Array.from(value.values);
  const x = fromData(data, value.shape);
  return isFloatType(value.dtype) ? castTo(x, precision) : x;
}

function constant(attributes: Attributes, precision: DType): { x: Tensor; type: ElementType } {
  const { value_float: one, value_floats: many, value_int: integer, value_ints: integers } = attributes;
  const value = attributes.value as TensorAttribute | undefined;
  if (value !== undefined) return { x: attributeTensor(value, precision), type: value.dtype };
  if (typeof one === 'number') return { x: full([], one, precision), type: 'float32' };
  if (typeof integer === 'number') return { x: full([], integer), type: 'int64' };
  const list = (many ?? integers) as readonly number[] | undefined;
  if (list === undefined) throw new InputError('its value is missing or not numeric');
  const x = fromData(Float64Array.from(list), [list.length]);
  return many === undefined ? { x, type: 'int64' } : { x: castTo(x, precision), type: 'float32' };
}

/** Ranges as Python's slices of a shape have them. */
function partOf(shape: readonly number[], attributes: Attributes): readonly number[] {
  return shape.slice(
    number(attributes, 'start', 0),
    attributes.end === undefined ? undefined : number(attributes, 'end', 0),
  );
}

export const constants: Layers = {
  Constant: {
    ...entrywise,
    inputs: [0, 0],
    attributes: {
      ...{
        value: 'tensor',
        value_float: 'float',
        value_floats: 'floats',
        value_int: 'int',
        value_ints: 'ints',
      },
    },
    evaluate: (_, attributes, { precision }) => constant(attributes, precision).x,
    types: (_, attributes) => [constant(attributes, 'float64').type],
  },
  ConstantOfShape: {
    ...wholeMap,
    steeredFrom: 0,
    inputs: [1, 1],
    attributes: { value: 'tensor' },
    evaluate: (inputs, attributes, { precision }) => {
      const shape = valuesOf(need(inputs, 0, 'input')) as number[];
      const value = attributes.value as TensorAttribute | undefined;
      const type = value?.dtype ?? 'float32';
      return full(shape, value?.values[0] ?? 0, isFloatType(type) ? precision : 'float64');
    },
    types: (_, attributes) => [(attributes.value as TensorAttribute | undefined)?.dtype ?? 'float32'],
  },
  Shape: {
    ...wholeMap,
    readsShapes: true,
    inputs: [1, 1],
    attributes: { start: 'int', end: 'int' },
    evaluate: (inputs, attributes) => {
      const part = partOf(need(inputs, 0, 'data').shape, attributes);
      return fromData(Float64Array.from(part), [part.length]);
    },
    types: () => ['int64'],
  },
  Size: {
    ...wholeMap,
    readsShapes: true,
    inputs: [1, 1],
    evaluate: (inputs) => full([], sizeOf(need(inputs, 0, 'data').shape)),
    types: () => ['int64'],
  },
  EyeLike: {
    ...wholeMap,
    images: () => false,
    readsShapes: true,
    inputs: [1, 1],
    attributes: { dtype: 'int', k: 'int' },
    evaluate: (inputs, attributes, { types, precision }) => {
      const [rows, columns = rows] = need(inputs, 0, 'input').shape;
      const k = number(attributes, 'k', 0);
      const eye = placesOf([rows, columns], ([i, j]) => Number(j - i === k));
      const x = fromData(Float64Array.from(eye), [rows, columns]);
      return isFloatType(targetOf(attributes, 'dtype') ?? types[0]) ? castTo(x, precision) : x;
    },
    types: ([type], attributes) => [targetOf(attributes, 'dtype') ?? type],
  },
  Cast: {
    ...entrywise,
    moves: 'renames',
    inputs: [1, 1],
    attributes: { to: 'int', saturate: 'int', round_mode: 'text' },
    straightThrough: 'fixed',
    evaluate: (inputs, attributes, { types, precision, opset }) => {
      const type = castTarget(attributes);
      return cast(need(inputs, 0, 'input'), { type, from: types[0], precision, attributes, opset });
    },
    types: (_, attributes) => [castTarget(attributes)],
  },
  CastLike: {
    ...entrywise,
    moves: 'renames',
    inputs: [2, 2],
    attributes: { saturate: 'int', round_mode: 'text' },
    straightThrough: 'fixed',
    evaluate: (inputs, attributes, { types: [from, type = 'float32'], precision, opset }) =>
      cast(need(inputs, 0, 'input'), { type, from, precision, attributes, opset }),
    types: ([, type]) => [type],
  },
  Range: {
    ...wholeMap,
    steeredFrom: 0,
    inputs: [3, 3],
    evaluate: (inputs) => {
      const [start, limit, delta] = [0, 1, 2].map((i) => (valuesOf(need(inputs, i, `${i}`)) as number[])[0]);
      const length = Math.max(0, Math.ceil((limit - start) / delta));
      const data = Float64Array.from({ length: roomFor(length) }, (_, i) => start + i * delta);
      return castTo(fromData(data, [length]), need(inputs, 0, 'start').dtype);
    },
  },
  OneHot: {
    ...wholeMap,
    steeredFrom: 1,
    inputs: [3, 3],
    attributes: { axis: 'int' },
    evaluate: (inputs, attributes) => {
      const indices = concrete(need(inputs, 0, 'indices'));
      const [depth] = valuesOf(need(inputs, 1, 'depth')) as number[];
      const [off, on] = valuesOf(need(inputs, 2, 'values')) as number[];
      const rank = indices.shape.length + 1;
      const axis = (number(attributes, 'axis', -1) + rank) % rank;
      const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
      const inner = sizeOf(indices.shape.slice(axis));
      const out = full(shape, off, need(inputs, 2, 'values').dtype);
      (valuesOf(indices) as number[]).forEach((index, p) => {
        const hot = index < 0 ? index + depth : index;
        if (hot >= 0 && hot < depth)
          out.data[(Math.floor(p / inner) * depth + hot) * inner + (p % inner)] = on;
      });
      return out;
    },
    types: ([, , type]) => [type],
  },
};
