import { add, matmul, mul } from '../autodiff/operations.ts';
import type { Operand } from '../autodiff/primitives/lift.ts';
import { wantFunction, wantNumber, wantRecord } from '../tensor/options.ts';
import type { Random } from '../tensor/random.ts';
import { type Tensor, zeros } from '../tensor/tensor.ts';

/** What a linear layer learns. */
export interface LinearParameters {
  /** [inputs, outputs] */
  readonly weight: Tensor;
  /** [outputs] */
  readonly bias: Tensor;
}

/**
 * Parameters of a linear layer to begin with: weights N(0, 2/(inputs + outputs)), which keep the size of values and of gradients, and no
 * bias.
 * Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 12.
 * @example
 * linearParameters(2, 8, createRandom(1)).weight.shape // [2, 8]
 */
export function linearParameters(inputs: number, outputs: number, random: Random): LinearParameters {
  const action = 'make a linear layer';
  const sum = wantNumber(inputs, 'inputs', action) + wantNumber(outputs, 'outputs', action);
  wantFunction((random as Partial<Random> | undefined)?.normals, 'normals of a random stream', action);
  return { weight: mul(Math.sqrt(2 / sum), random.normals([inputs, outputs])), bias: zeros([outputs]) };
}

/**
 * x W + b: a linear layer of rows x [..., inputs], or of one vector.
 * @example
 * linear([[1, 2]], { weight: tensor([[1], [10]]), bias: tensor([0.5]) }) // [[21.5]]
 */
export function linear(x: Operand, parameters: LinearParameters): Tensor {
  wantRecord(parameters, 'the parameters', 'apply a linear layer');
  const { weight, bias } = parameters;
  return add(matmul(x, weight), bias);
}
