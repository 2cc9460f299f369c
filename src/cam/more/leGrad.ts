import type { Layout } from '../../autodiff/places/layout.ts';
import { grad } from '../../autodiff/reverse.ts';
import type { Model } from '../../model/model.ts';
import { InputError } from '../../tensor/errors.ts';
import { castTo, contiguous, type Tensor, zeros } from '../../tensor/tensor.ts';
import type { Network } from '../method.ts';
import { scoreOf } from './network.ts';

/** The tensors of attention weights [1, …, T, T]; of a number of tokens, where that is given. */
function attentionWeights({ layers }: Pick<Model, 'layers'>, tokens?: number): string[] {
  return layers
    .filter(({ op, shape = [] }) => op === 'Softmax' && shape.length >= 3 && shape.at(-1) === shape.at(-2))
    .filter(({ shape }) => tokens === undefined || shape?.at(-1) === tokens)
    .map(({ tensor }) => tensor);
}

/** Why a network has no attention to be seen. */
export const withoutAttention = (model: Model): string | undefined =>
  attentionWeights(model).length > 0
    ? undefined
    : `${model.name} has no node whose output are attention weights [1, …, tokens, tokens]`;

/** The mean of ReLU(g) over heads and queries, for each token that is looked at. */
function meanRaise({ data, shape }: Tensor): Float64Array {
  const tokens = shape[shape.length - 1];
  const out = new Float64Array(tokens);
  for (let i = 0; i < data.length; i++) out[i % tokens] += (Math.max(0, data[i]) * tokens) / data.length;
  return out;
}

/** The means of the tokens of a grid, as a map. */
function onGrid(raises: Float64Array, { grid, prefix }: Extract<Layout, { kind: 'NTC' }>): Tensor {
  const map = zeros([...grid]);
  for (let i = 0; i < map.data.length; i++) map.data[i] = raises[prefix + i];
  return map;
}

/**
 * In the manner of LeGrad: the mean over heads and queries of ReLU(∂z_c/∂P), P the weights of the last attention that has the layer’s tokens, for each token of the grid.
 *
 * Source: Bousselham et al. 2024 (LeGrad), eq. 7 and 8. Departure: the last attention alone, where the paper adds those of all blocks, each by a classifier of its own.
 * @throws InputError for a layer that is no tokens, and a network without attention weights for them.
 */
export async function leGrad(network: Network): Promise<Tensor> {
  const { model, split, layout, image, options } = network;
  const tokens = layout.kind === 'NTC' ? layout.prefix + layout.grid[0] * layout.grid[1] : undefined;
  const weights = tokens === undefined ? undefined : attentionWeights(model, tokens).at(-1);
  if (layout.kind !== 'NTC' || weights === undefined) {
    const why =
      withoutAttention(model) ??
      `${split.layer} is no layer of tokens that an attention weighs; name another`;
    throw new InputError(`Cannot run legrad: ${why}`);
  }
  const run = await model.split(weights, { outputs: split.outputs }).at(image, options);
  const slopes = grad((p: Tensor) => scoreOf(network, run.head(p)))(castTo(run.activation, 'float64'));
  return onGrid(meanRaise(contiguous(slopes)), layout);
}
