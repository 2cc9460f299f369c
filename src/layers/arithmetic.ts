import * as op from '../autodiff/operations.ts';
import { add, div, maximum, minimum, mul, sub } from '../autodiff/operations.ts';
import { remainder } from '../autodiff/primitives/remainder.ts';
import { concrete } from '../autodiff/trace.ts';
import { mapEntries, zipEntries } from '../tensor/kernels/reference/map.ts';
import { castTo, type Tensor } from '../tensor/tensor.ts';
import { entrywise, isInteger, type Layer, type Layers, need, number, simple, typed } from './layer.ts';

type Binary = (x: Tensor, y: Tensor) => Tensor;

function binary(f: Binary): Layer {
  return {
    ...entrywise,
    inputs: [2, 2],
    evaluate: (inputs) => f(need(inputs, 0, 'A'), need(inputs, 1, 'B')),
  };
}

/** Folds any number of inputs, broadcast. */
function folded(f: Binary): Layer {
  return {
    ...entrywise,
    inputs: [1, Number.POSITIVE_INFINITY],
    evaluate: (inputs) => inputs.map((_, i) => need(inputs, i, `${i}`)).reduce(f),
  };
}

function logical(f: (x: number, y: number) => boolean): Layer {
  return typed(
    'bool',
    binary((x, y) => zipEntries(concrete(x), concrete(y), (a, b) => (f(a, b) ? 1 : 0), 'compare')),
  );
}

const predicate = (f: (x: number) => boolean): Layer =>
  typed(
    'bool',
    simple((x) => mapEntries(castTo(concrete(x), 'float64'), (value) => (f(value) ? 1 : 0)), entrywise),
  );

/** x^y: a fixed exponent multiplies or follows its own recurrence; a varying one is exp(y log x). */
function raise(x: Tensor, y: Tensor): Tensor {
  const exponent = concrete(y);
  if (exponent === y && exponent.data.length === 1) {
    const power = op.power(x, exponent.data[0]);
    return exponent.shape.length > x.shape.length
      ? op.reshape(power, [...new Array<number>(exponent.shape.length - x.shape.length).fill(1), ...x.shape])
      : power;
  }
  return op.pow(x, y);
}

export const arithmetic: Layers = {
  Add: { ...binary(add), affine: 'jointly' },
  Sub: { ...binary(sub), affine: 'jointly' },
  Mul: { ...binary(mul), affine: 'singly' },
  Div: {
    ...entrywise,
    affine: 'first',
    inputs: [2, 2],
    evaluate: (inputs, _, { types }) => {
      const quotient = div(need(inputs, 0, 'A'), need(inputs, 1, 'B'));
      return isInteger(types[0]) ? mapEntries(concrete(quotient), Math.trunc) : quotient;
    },
  },
  Mod: {
    ...entrywise,
    inputs: [2, 2],
    attributes: { fmod: 'int' },
    evaluate: (inputs, { fmod }) => remainder(need(inputs, 0, 'A'), need(inputs, 1, 'B'), fmod === 1),
  },
  Pow: {
    ...entrywise,
    inputs: [2, 2],
    evaluate: (inputs, _, { types }) => {
      const power = raise(need(inputs, 0, 'X'), need(inputs, 1, 'Y'));
      return isInteger(types[0]) ? mapEntries(concrete(power), Math.trunc) : power;
    },
  },
  Neg: { ...simple(op.neg, entrywise), affine: 'first' },
  Abs: simple(op.abs, entrywise),
  Sqrt: simple(op.sqrt, entrywise),
  Reciprocal: simple(op.reciprocal, entrywise),
  Exp: simple(op.exp, entrywise),
  Log: simple(op.log, entrywise),
  Erf: simple(op.erf, entrywise),
  Sign: simple(op.sign, entrywise),
  Floor: simple(op.floor, entrywise),
  Ceil: simple(op.ceil, entrywise),
  Round: simple(op.round, entrywise),
  Sin: simple(op.sin, entrywise),
  Cos: simple(op.cos, entrywise),
  Tan: simple(op.tan, entrywise),
  Asin: simple(op.asin, entrywise),
  Acos: simple(op.acos, entrywise),
  Atan: simple(op.atan, entrywise),
  Sinh: simple(op.sinh, entrywise),
  Cosh: simple(op.cosh, entrywise),
  Asinh: simple(op.asinh, entrywise),
  Acosh: simple(op.acosh, entrywise),
  Atanh: simple(op.atanh, entrywise),
  Sum: { ...folded(add), affine: 'jointly' },
  Max: folded(maximum),
  Min: folded(minimum),
  Mean: {
    ...entrywise,
    affine: 'jointly',
    inputs: [1, Number.POSITIVE_INFINITY],
    evaluate: (inputs) => mul(1 / inputs.length, inputs.map((_, i) => need(inputs, i, `${i}`)).reduce(add)),
  },
  Equal: logical((a, b) => a === b),
  Greater: logical((a, b) => a > b),
  GreaterOrEqual: logical((a, b) => a >= b),
  Less: logical((a, b) => a < b),
  LessOrEqual: logical((a, b) => a <= b),
  And: logical((a, b) => a !== 0 && b !== 0),
  Or: logical((a, b) => a !== 0 || b !== 0),
  Xor: logical((a, b) => (a !== 0) !== (b !== 0)),
  Not: predicate((x) => x === 0),
  IsNaN: predicate(Number.isNaN),
  IsInf: typed(
    'bool',
    simple(
      (x, attributes) => {
        const [up, down] = ['detect_positive', 'detect_negative'].map(
          (name) => number(attributes, name, 1) === 1,
        );
        const infinite = Number.POSITIVE_INFINITY;
        return mapEntries(castTo(concrete(x), 'float64'), (value) =>
          Number((up && value === infinite) || (down && value === -infinite)),
        );
      },
      entrywise,
      { detect_positive: 'int', detect_negative: 'int' },
    ),
  ),
  Where: {
    ...entrywise,
    inputs: [3, 3],
    evaluate: (inputs) => op.where(need(inputs, 0, 'condition'), need(inputs, 1, 'X'), need(inputs, 2, 'Y')),
    types: ([, x]) => [x],
  },
};
