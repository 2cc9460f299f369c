import { add, div, mul, sqrt, sub } from '../autodiff/operations.ts';
import { mapTree, type Tree } from '../autodiff/trees.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { type Tensor, zeros } from '../tensor/tensor.ts';

/** Takes a step: parameters and the gradient of their loss give the parameters after it. It remembers the steps before. */
export type Optimizer = <X extends Tree>(parameters: X, gradient: X) => X;

/** How far gradient descent goes. */
export interface SgdOptions {
  readonly rate: number;
  /** Share of the last step that is taken again, 0 unless given. */
  readonly momentum?: number | undefined;
}

/** How far Adam goes. */
export interface AdamOptions {
  /** 0.001 unless given. */
  readonly rate?: number | undefined;
  /** Decay of the mean gradient, 0.9 unless given, and of its mean square, 0.999. */
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  /** Added to the root of the mean square, 1e-8 unless given. */
  readonly epsilon?: number | undefined;
}

const sgdKinds = { rate: 'number', momentum: 'number' } as const;
const adamKinds = { rate: 'number', beta1: 'number', beta2: 'number', epsilon: 'number' } as const;

/** @throws InputError for a rate or a share that no step can be taken with. */
function checkRates(options: object, action: string): void {
  for (const [name, value] of Object.entries(options)) {
    const isShare = name === 'momentum' || name.startsWith('beta');
    if (value === undefined || (value >= 0 && (isShare ? value < 1 : value < Number.POSITIVE_INFINITY)))
      continue;
    const wanted = isShare ? 'at least 0 and below 1' : 'a finite number of at least 0';
    throw new InputError(`Cannot ${action}: ${name} must be ${wanted}, got ${value}`);
  }
}

const emptyLike = <X extends Tree>(tree: X): X => mapTree((x) => zeros(x.shape, x.dtype), tree);

/**
 * Gradient descent, v ← μ v + g, p ← p − rate · v, with momentum μ as PyTorch has it.
 * @example
 * const step = sgd({ rate: 0.1 });
 * step({ w: tensor([1, 2]) }, { w: tensor([1, -1]) }).w // [0.9, 2.1]
 */
export function sgd(options: SgdOptions): Optimizer {
  checkOptions(options ?? null, sgdKinds, 'make sgd');
  const { rate, momentum = 0 } = options;
  checkRates({ rate: rate ?? Number.NaN, momentum }, 'make sgd');
  let velocity: Tree | undefined;
  return (parameters, gradient) => {
    const before = (velocity ?? emptyLike(gradient)) as typeof gradient;
    const next = momentum === 0 ? gradient : mapTree((v, g) => add(mul(momentum, v), g), before, gradient);
    velocity = next;
    return mapTree((p, v) => sub(p, mul(rate, v)), parameters, next);
  };
}

/**
 * Adam: steps of about the size of the rate, by the mean of the gradients over the root of their mean square.
 * Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
 * @example
 * const step = adam({ rate: 0.1 });
 * let x = tensor(1);
 * for (let i = 0; i < 200; i++) x = step(x, grad((y) => mul(y, y))(x));
 * Math.abs(item(x)) < 1e-3 // true
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions(options, adamKinds, 'make adam');
  checkRates(options, 'make adam');
  const { rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  let moments: { mean: Tree; square: Tree } | undefined;
  // Powers of β, by multiplication: the same bits everywhere.
  let [power1, power2] = [1, 1];
  const decayed = (beta: number, m: Tensor, x: Tensor) => add(mul(beta, m), mul(1 - beta, x));
  return (parameters, gradient) => {
    const { mean, square } = (moments ?? { mean: emptyLike(gradient), square: emptyLike(gradient) }) as {
      mean: typeof gradient;
      square: typeof gradient;
    };
    const m = mapTree((before, g) => decayed(beta1, before, g), mean, gradient);
    const v = mapTree((before, g) => decayed(beta2, before, mul(g, g)), square, gradient);
    moments = { mean: m, square: v };
    [power1, power2] = [power1 * beta1, power2 * beta2];
    return mapTree(
      (p, first, second) =>
        sub(p, div(mul(rate / (1 - power1), first), add(sqrt(div(second, 1 - power2)), epsilon))),
      parameters,
      m,
      v,
    );
  };
}
