import * as op from '../autodiff/operations.ts';
import { add, clip, div, expm1, mul, relu, sub, where } from '../autodiff/operations.ts';
import { lift, type Operand } from '../autodiff/primitives/lift.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantNumber } from '../tensor/options.ts';
import { checkSpreads, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { choice, entrywise, type Layers, need, number, simple, valuesOf } from './layer.ts';

/** exp(min(x, 0)) − 1: what ELUs do below 0, without overflow in the branch that is not taken. */
function below(x: Tensor): Tensor {
  return expm1(op.minimum(x, 0));
}

/**
 * x for x > 0, else α(eˣ − 1).
 * @example
 * derivatives((x) => elu(x, 2), 0) // [0, 2]
 */
export function elu(given: Operand, alpha = 1): Tensor {
  const x = lift(given, 'take elu');
  return where(op.greater(x, 0), x, mul(wantNumber(alpha, 'alpha', 'take elu'), below(x)));
}

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 } as const;

/**
 * γ x for x > 0, else γ α(eˣ − 1), with the α and γ that keep mean 0 and variance 1.
 * Source: Klambauer et al. 2017, "Self-normalizing neural networks".
 * @example
 * derivatives(selu, 1)[1] // 1.0507009873554805
 */
export function selu(x: Operand): Tensor {
  return mul(SELU.gamma, elu(lift(x, 'take selu'), SELU.alpha));
}

/**
 * min(max(αx + β, 0), 1). The slope at both bounds is 0.
 * @example
 * hardSigmoid(tensor([-9, 0, 9])) // [0, 0.5, 1]
 */
export function hardSigmoid(x: Operand, alpha = 0.2, beta = 0.5): Tensor {
  const action = 'take hardSigmoid';
  const slope = wantNumber(alpha, 'alpha', action);
  return clip(add(mul(slope, lift(x, action)), wantNumber(beta, 'beta', action)), 0, 1);
}

/**
 * x · hardSigmoid(x), α = 1/6, β = 1/2.
 * @example
 * hardSwish(tensor([-9, 0, 9])) // [0, 0, 9]
 */
export function hardSwish(given: Operand): Tensor {
  const x = lift(given, 'take hardSwish');
  return mul(x, hardSigmoid(x, 1 / 6, 0.5));
}

/** Which of the two forms of GELU. */
export interface GeluOptions {
  /** By tanh, as the authors' own approximation; exact unless asked for. */
  readonly approximate?: boolean | undefined;
}

/** From here on GELU's gate is 0 or 1 to the last digit, in both forms. */
const GATE_SATURATES = 40;

/**
 * x Φ(x) = x/2 · erfc(−x/√2); or where asked for x σ(2u), u = √(2/π)(x + 0.044715 x³), which is x/2 · (1 + tanh u).
 * Source: Hendrycks and Gimpel 2016.
 * @example
 * derivatives(gelu, 0) // [0, 0.5]
 */
export function gelu(given: Operand, options?: GeluOptions): Tensor {
  const x = lift(given, 'take gelu');
  checkOptions(options, { approximate: 'boolean' }, 'take gelu');
  // Far out the gate is constant, and its argument must not overflow: 0 · ∞ would be NaN.
  const near = clip(x, -GATE_SATURATES, GATE_SATURATES);
  // 1 + erf and 1 + tanh would cancel below 0.
  if (options?.approximate !== true) return mul(mul(0.5, x), op.erfc(mul(-Math.SQRT1_2, near)));
  const inner = mul(Math.sqrt(8 / Math.PI), add(near, mul(0.044715, op.power(near, 3))));
  return mul(x, op.sigmoid(inner));
}

/**
 * x σ(x).
 * @example
 * derivatives(silu, 0) // [0, 0.5]
 */
export function silu(given: Operand): Tensor {
  const x = lift(given, 'take silu');
  return mul(x, op.sigmoid(x));
}

/**
 * x tanh(log(1 + eˣ)).
 * @example
 * mish(tensor([0, 100])) // [0, 100]
 */
export function mish(given: Operand): Tensor {
  const x = lift(given, 'take mish');
  return mul(x, op.tanh(op.softplus(x)));
}

/** x for x > 0, else slope · x, the slope broadcast. The slope at 0 is the negative one. */
function pRelu(x: Tensor, slope: Tensor): Tensor {
  return where(op.greater(x, 0), x, mul(slope, x));
}

/** x − bias above λ, x + bias below −λ, else 0. */
function shrink(x: Tensor, lambda: number, bias: number): Tensor {
  return where(op.greater(x, lambda), sub(x, bias), where(op.less(x, -lambda), add(x, bias), mul(0, x)));
}

/** The slope of PRelu for one value a channel: [C] or [C, 1, 1] beside x [N, C, …]. */
function channelSlope(x: Tensor, slope: Tensor): Tensor {
  const perChannel = slope.shape.length === 1 && sizeOf(slope.shape) === x.shape[1] && x.shape.length > 2;
  return perChannel ? op.reshape(slope, [-1, ...x.shape.slice(2).map(() => 1)]) : slope;
}

/** A bound given as an input, else as an attribute. */
function bound(value: number, input: Tensor | undefined): number {
  const given = valuesOf(input);
  if (given !== undefined && given.length !== 1)
    throw new InputError(`a bound must be one number, got ${given.length}`);
  return given?.[0] ?? value;
}

/** x σ(αx). */
const swish = (x: Tensor, alpha: number): Tensor => mul(x, op.sigmoid(mul(alpha, x)));

/** Facts of what is bounded from below, or falls slowly where it is negative. */
const activation = { ...entrywise, activates: true } as const;

export const activations: Layers = {
  Relu: { ...simple(relu, entrywise), gates: true, keepsClassMap: true },
  LeakyRelu: simple((x, a) => op.leakyRelu(x, number(a, 'alpha', 0.01)), activation, { alpha: 'float' }),
  PRelu: {
    ...entrywise,
    inputs: [2, 2],
    evaluate: (inputs) => {
      const x = need(inputs, 0, 'X');
      const slope = channelSlope(x, need(inputs, 1, 'slope'));
      checkSpreads(slope.shape, x.shape, 'slope');
      return pRelu(x, slope);
    },
  },
  Elu: simple((x, a) => elu(x, number(a, 'alpha', 1)), activation, { alpha: 'float' }),
  Celu: simple(
    (x, a) => {
      const alpha = number(a, 'alpha', 1);
      return where(op.greater(x, 0), x, mul(alpha, below(div(x, alpha))));
    },
    activation,
    { alpha: 'float' },
  ),
  Selu: simple(
    (x, a) => mul(number(a, 'gamma', SELU.gamma), elu(x, number(a, 'alpha', SELU.alpha))),
    activation,
    { alpha: 'float', gamma: 'float' },
  ),
  ThresholdedRelu: simple((x, a) => op.threshold(x, number(a, 'alpha', 1)), activation, { alpha: 'float' }),
  Sigmoid: { ...simple(op.sigmoid, activation), ending: 'sigmoid' },
  HardSigmoid: simple((x, a) => hardSigmoid(x, number(a, 'alpha', 0.2), number(a, 'beta', 0.5)), activation, {
    alpha: 'float',
    beta: 'float',
  }),
  HardSwish: simple(hardSwish, activation),
  Tanh: simple(op.tanh, entrywise),
  Softplus: simple(op.softplus, activation),
  Softsign: simple(op.softsign, entrywise),
  Gelu: simple(
    (x, a) => gelu(x, { approximate: choice(a, 'approximate', ['none', 'tanh']) === 'tanh' }),
    activation,
    {
      approximate: 'text',
    },
  ),
  Swish: simple((x, a) => swish(x, number(a, 'alpha', 1)), activation, { alpha: 'float' }),
  SwiGLU: {
    ...entrywise,
    inputs: [2, 2],
    attributes: { alpha: 'float' },
    evaluate: (inputs, a) => mul(swish(need(inputs, 0, 'A'), number(a, 'alpha', 1)), need(inputs, 1, 'B')),
  },
  Mish: simple(mish, activation),
  Shrink: simple((x, a) => shrink(x, number(a, 'lambd', 0.5), number(a, 'bias', 0)), entrywise, {
    lambd: 'float',
    bias: 'float',
  }),
  Clip: {
    ...entrywise,
    gates: true,
    inputs: [1, 3],
    attributes: { min: 'float', max: 'float' },
    evaluate: (inputs, a) => {
      const x = need(inputs, 0, 'input');
      const low = bound(number(a, 'min', Number.NEGATIVE_INFINITY), inputs[1]);
      const high = bound(number(a, 'max', Number.POSITIVE_INFINITY), inputs[2]);
      return clip(x, low, high);
    },
  },
};
