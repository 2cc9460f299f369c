/** Runs a network on a batch as training needs it: parameters may be traced, and normalizations go by the batch. */
import { add, div, mul, reshape, sqrt, sub, sum } from '../src/autodiff/operations.ts';
import type { ModelData } from '../src/model/data/format.ts';
import { prepareProgram, runNode, type Value } from '../src/model/run/program.ts';
import { sizeOf } from '../src/tensor/shape.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { NORMALIZATION } from './builder.ts';

/** Mean and variance of each channel of a batch, [1, C, 1, 1]. */
export interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Logits of pictures; `told` hears the statistics that each normalization went by. */
export type BatchRun = (
  pictures: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  told?: (node: string, statistics: Statistics) => void,
) => Tensor;

/** Added to a variance. */
export const EPSILON = 1e-5;

const AXES = [0, 2, 3];
const mean = (x: Tensor): Tensor => {
  const kept = sum(x, AXES, { keepDimensions: true });
  return mul(sizeOf(kept.shape) / sizeOf(x.shape), kept);
};

export function createBatchRun(model: ModelData): BatchRun {
  const program = prepareProgram(
    { ...model, nodes: model.nodes.filter(({ op }) => op !== NORMALIZATION) },
    'float32',
  );
  const [{ name: logits }] = model.outputs;
  return (pictures, parameters, told) => {
    const values = new Map<string, Tensor>([['image', pictures], ...Object.entries(parameters)]);
    const typed = new Map<string, Value>();
    const lookUp = (name: string): Value | undefined => {
      const tensor = values.get(name);
      return tensor === undefined
        ? (typed.get(name) ?? program.constants.get(name))
        : { tensor, type: 'float32' };
    };
    for (const node of model.nodes) {
      if (node.op === NORMALIZATION) {
        const [x, gain, bias] = node.inputs.map((name) => (lookUp(name) as Value).tensor);
        const centre = mean(x);
        const centred = sub(x, centre);
        const variance = mean(mul(centred, centred));
        told?.(node.name, { mean: centre, variance });
        const factor = div(reshape(gain, [-1, 1, 1]), sqrt(add(variance, EPSILON)));
        values.set(node.outputs[0], add(mul(centred, factor), reshape(bias, [-1, 1, 1])));
      } else {
        for (const [name, value] of runNode(program, node, { lookUp })) typed.set(name, value);
      }
    }
    return (lookUp(logits) as Value).tensor;
  };
}
