/** Ends a training: normalizations go into the convolutions before them, by the mean statistics of many batches. */
import type { GraphNode, ModelData, StoredTensor } from '../src/model/data/format.ts';
import { withSlabs } from '../src/tensor/arrays.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { batchAt } from './batches.ts';
import { type BatchRun, EPSILON } from './batchRun.ts';
import { NORMALIZATION } from './builder.ts';

const BATCHES = 40;
/** Steps that no training comes to. */
const FIRST = 500_000;

const stored = (data: Float32Array, shape: readonly number[]): StoredTensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** Mean of the means and of the variances of each channel, by normalization. */
function statisticsOf(
  parameters: Readonly<Record<string, Tensor>>,
  [run, folder]: readonly [BatchRun, string],
): Map<string, { mean: Float64Array; variance: Float64Array }> {
  const found = new Map<string, { mean: Float64Array; variance: Float64Array }>();
  for (let at = 0; at < BATCHES; at++) {
    const { pictures } = batchAt(FIRST + at, 'scenes', folder);
    withSlabs(() =>
      run(pictures, parameters, (node, { mean, variance }) => {
        const channels = mean.data.length;
        const sums = found.get(node) ?? {
          mean: new Float64Array(channels),
          variance: new Float64Array(channels),
        };
        for (let c = 0; c < channels; c++) {
          sums.mean[c] += mean.data[c] / BATCHES;
          sums.variance[c] += variance.data[c] / BATCHES;
        }
        found.set(node, sums);
      }),
    );
  }
  return found;
}

/** The model with its trained weights, and without normalizations by the batch. */
export function foldNormalizations(
  model: ModelData,
  parameters: Readonly<Record<string, Tensor>>,
  [run, folder]: readonly [BatchRun, string],
): ModelData {
  const tensors = new Map(model.tensors);
  for (const [name, { data, shape }] of Object.entries(parameters)) {
    tensors.set(name, stored(Float32Array.from(data), shape));
  }
  const normalizations = model.nodes.filter(({ op }) => op === NORMALIZATION);
  if (normalizations.length === 0) return { ...model, tensors };
  const statistics = statisticsOf(parameters, [run, folder]);
  const after = new Map(normalizations.map((node) => [node.inputs[0], node]));
  const nodes = model.nodes.flatMap((node): GraphNode[] => {
    if (node.op === NORMALIZATION) return [];
    const normalization = after.get(node.outputs[0]);
    if (normalization === undefined) return [node];
    const [, gainName, biasName] = normalization.inputs;
    const [, weightName] = node.inputs;
    const { mean, variance } = statistics.get(normalization.name) as {
      mean: Float64Array;
      variance: Float64Array;
    };
    const { data: weight, shape } = parameters[weightName];
    const size = weight.length / shape[0];
    const bias = new Float32Array(shape[0]);
    const folded = new Float32Array(weight.length);
    for (let c = 0; c < shape[0]; c++) {
      const factor = parameters[gainName].data[c] / Math.sqrt(variance[c] + EPSILON);
      bias[c] = parameters[biasName].data[c] - mean[c] * factor;
      for (let i = c * size; i < (c + 1) * size; i++) folded[i] = weight[i] * factor;
    }
    tensors.set(weightName, stored(folded, shape));
    tensors.set(biasName, stored(bias, [shape[0]]));
    tensors.delete(gainName);
    return [{ ...node, inputs: [node.inputs[0], weightName, biasName] }];
  });
  const renamed = new Map(normalizations.map(({ inputs, outputs }) => [outputs[0], inputs[0]]));
  return {
    ...model,
    tensors,
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) })),
  };
}
