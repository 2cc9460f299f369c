import { createRandom } from '../../src/tensor/random.ts';

/** A function and what of it is wanted; `order` is that of a jet. */
interface Task {
  readonly of: 'mlp' | 'rosenbrock' | 'chain';
  readonly want: 'value' | 'grad' | 'hvp' | 'hessian' | 'jet';
  readonly order?: number;
  readonly title: string;
}

const mlpJet = (order: number): Task => ({
  of: 'mlp',
  want: 'jet',
  order,
  title: `MLP: jet of order ${order}`,
});

/** What general engines are asked for, by name. */
export const generalTasks = {
  'mlp-value': { of: 'mlp', want: 'value', title: 'MLP 784-256-10, batch 32: value' },
  'mlp-grad': { of: 'mlp', want: 'grad', title: 'MLP: gradient by all parameters' },
  'mlp-hvp': { of: 'mlp', want: 'hvp', title: 'MLP: Hessian · vector, first weights' },
  'mlp-jet-1': mlpJet(1),
  'mlp-jet-2': mlpJet(2),
  'mlp-jet-3': mlpJet(3),
  'mlp-jet-4': mlpJet(4),
  'rosenbrock-grad': { of: 'rosenbrock', want: 'grad', title: 'Rosenbrock-100: gradient' },
  'rosenbrock-hvp': { of: 'rosenbrock', want: 'hvp', title: 'Rosenbrock-100: Hessian · vector' },
  'rosenbrock-hessian': { of: 'rosenbrock', want: 'hessian', title: 'Rosenbrock-100: Hessian' },
  'chain-forward': { of: 'chain', want: 'value', title: '10,000 operations on numbers: forward' },
  'chain-reverse': { of: 'chain', want: 'grad', title: '10,000 operations on numbers: and reverse' },
} as const satisfies Readonly<Record<string, Task>>;

export type GeneralTask = keyof typeof generalTasks;
export const taskOf = (name: GeneralTask): Task => generalTasks[name];

export const CHAIN_OPERATIONS = 10_000;
export const CHAIN_START = 0.7;
export const ROSENBROCK = 100;
export const BATCH = 32;
export const WIDTHS = [784, 256, 10] as const;

/** The chain from x, for an engine whose step takes y to sin(0.9 y + x) · x by four operations. */
export function chainOf<T>(x: T, step: (y: T) => T): T {
  let y = x;
  for (let i = 0; i < CHAIN_OPERATIONS / 4; i++) y = step(y);
  return y;
}

/** Uniform numbers in (−reach, reach), each array from a stream of its own. */
function uniform(seed: number, stream: number, [length, reach]: readonly [number, number]): Float64Array {
  const random = createRandom(seed, stream);
  return Float64Array.from({ length }, () => reach * (2 * random.uniform() - 1));
}

export interface MlpData {
  readonly images: Float64Array;
  readonly targets: Float64Array;
  readonly w1: Float64Array;
  readonly b1: Float64Array;
  readonly w2: Float64Array;
  readonly b2: Float64Array;
  /** The direction of products and jets, of w1's shape. */
  readonly direction: Float64Array;
}

/** Σ (softplus(x W1 + b1) W2 + b2 − t)², its parameters and its data. */
export function mlpData(seed: number): MlpData {
  const [inputs, hidden, outputs] = WIDTHS;
  return {
    images: uniform(seed, 0, [BATCH * inputs, 1]),
    targets: uniform(seed, 1, [BATCH * outputs, 1]),
    w1: uniform(seed, 2, [inputs * hidden, inputs ** -0.5]),
    b1: uniform(seed, 3, [hidden, 0.1]),
    w2: uniform(seed, 4, [hidden * outputs, hidden ** -0.5]),
    b2: uniform(seed, 5, [outputs, 0.1]),
    direction: uniform(seed, 6, [inputs * hidden, inputs ** -0.5]),
  };
}

/** A point of Rosenbrock's function and a direction. */
export function rosenbrockData(seed: number): {
  readonly point: Float64Array;
  readonly direction: Float64Array;
} {
  return { point: uniform(seed, 7, [ROSENBROCK, 1]), direction: uniform(seed, 8, [ROSENBROCK, 1]) };
}
