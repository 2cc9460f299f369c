import type { Arrays } from '../contenders/contender.ts';
import {
  BATCH,
  CHAIN_START,
  chainOf,
  type GeneralTask,
  mlpData,
  ROSENBROCK,
  rosenbrockData,
  taskOf,
  WIDTHS,
} from './tasks.ts';

type Library = typeof import('../../src/index.ts');
type Tensor = ReturnType<Library['tensor']>;
type Once = () => Arrays;

const dataOf = (...tensors: readonly Tensor[]): Arrays => tensors.map(({ data }) => data);

function mlp(library: Library, task: GeneralTask, seed: number): Once {
  const { add, fromData, grad, hvp, jet, matmul, softplus, square, sub, sum, zeros } = library;
  const [inputs, hidden, outputs] = WIDTHS;
  const data = mlpData(seed);
  const images = fromData(data.images, [BATCH, inputs]);
  const targets = fromData(data.targets, [BATCH, outputs]);
  const parameters = {
    w1: fromData(data.w1, [inputs, hidden]),
    b1: fromData(data.b1, [hidden]),
    w2: fromData(data.w2, [hidden, outputs]),
    b2: fromData(data.b2, [outputs]),
  };
  const loss = ({ w1, b1, w2, b2 }: typeof parameters): Tensor => {
    const layer = softplus(add(matmul(images, w1), b1));
    return sum(square(sub(add(matmul(layer, w2), b2), targets)));
  };
  const byWeights = (w1: Tensor) => loss({ ...parameters, w1 });
  const { w1 } = parameters;
  const direction = fromData(data.direction, [inputs, hidden]);
  const { want, order = 1 } = taskOf(task);
  if (want === 'value') return () => dataOf(loss(parameters));
  if (want === 'grad') {
    const gradient = grad(loss);
    return () => {
      const g = gradient(parameters);
      return dataOf(g.w1, g.b1, g.w2, g.b2);
    };
  }
  if (want === 'hvp') return () => dataOf(hvp(byWeights, w1, direction));
  const higher = Array.from({ length: order - 1 }, () => zeros(w1.shape));
  return () => dataOf(...jet(byWeights, [w1, direction, ...higher]));
}

function rosenbrock(library: Library, task: GeneralTask, seed: number): Once {
  const { add, fromData, grad, hessian, hvp, mul, square, sub, sum, takeAt } = library;
  const data = rosenbrockData(seed);
  const [x, direction] = [data.point, data.direction].map((values) => fromData(values, [ROSENBROCK]));
  const length = ROSENBROCK - 1;
  const first = Int32Array.from({ length }, (_, i) => i);
  const second = first.map((i) => i + 1);
  const f = (at: Tensor): Tensor => {
    const [a, b] = [takeAt(at, first, [length]), takeAt(at, second, [length])];
    return sum(add(mul(100, square(sub(b, square(a)))), square(sub(1, a))));
  };
  const gradient = grad(f);
  const secondDerivatives = hessian(f);
  const { want } = taskOf(task);
  if (want === 'grad') return () => dataOf(gradient(x));
  if (want === 'hvp') return () => dataOf(hvp(f, x, direction));
  return () => dataOf(secondDerivatives(x));
}

function chain(library: Library, task: GeneralTask): Once {
  const { add, grad, mul, sin, tensor } = library;
  const f = (x: Tensor) => chainOf(x, (y) => mul(sin(add(mul(y, 0.9), x)), x));
  const gradient = grad(f);
  const x = tensor(CHAIN_START);
  return taskOf(task).want === 'value' ? () => dataOf(f(x)) : () => dataOf(gradient(x));
}

const functions = { mlp, rosenbrock, chain } as const;

/** A task as jetgrad does it, in float64. */
export function prepareJetgrad(library: Library, task: GeneralTask, seed: number): Once {
  return functions[taskOf(task).of](library, task, seed);
}
