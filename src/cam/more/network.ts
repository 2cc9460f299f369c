import { reshape } from '../../autodiff/operations.ts';
import { mapShape } from '../../model/graph/layout.ts';
import { drive } from '../../tensor/drive.ts';
import { batchRow } from '../../tensor/rows.ts';
import { castTo, contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Network } from '../method.ts';

/** The score as a differentiable function of one picture's entries [M] of the head. */
export function scoreOf({ rows, score }: Pick<Network, 'rows' | 'score'>, row: Tensor): Tensor {
  const z = rows === undefined ? row : reshape(rows(reshape(row, [1, -1])), [-1]);
  return score.value(z).y;
}

const numberOf = (x: Tensor): number => contiguous(x).data[0];

function scoresOfRows(network: Network, z: Tensor): number[] {
  return Array.from({ length: z.shape[0] }, (_, s) =>
    numberOf(scoreOf(network, reshape(batchRow(z, s), [-1]))),
  );
}

/** Scores of pictures [N, C, H, W]. */
export async function scoresOfImages(network: Network, images: Tensor): Promise<number[]> {
  const run = await network.split.at(images, network.options);
  const z = await drive(run.headsSteps(castTo(run.activation, 'float64')), network.options);
  return scoresOfRows(network, z);
}

/** The picture's score with these maps [K, H, W] in the layer's place: what passes by it stays. */
export async function scoreBehind(network: Network, maps: Tensor): Promise<number> {
  const z = await drive(network.clean.headSteps(fromMaps(network, maps)), network.options);
  return numberOf(scoreOf(network, z));
}

/** Maps [K, H, W] as the layer [1, …], float64: its tokens of no place as they are, or 0. */
export function fromMaps(
  { clean, layout }: Pick<Network, 'clean' | 'layout'>,
  maps: Tensor,
  others: 'kept' | 'zero' = 'kept',
): Tensor {
  const { shape } = clean.activation;
  const { data } = contiguous(maps);
  if (layout.kind === 'NCHW') return fromData(Float64Array.from(data), shape);
  const [count, height, width] = mapShape(layout, shape);
  const offset = layout.kind === 'NTC' ? layout.prefix * count : 0;
  const out = Float64Array.from(contiguous(clean.activation).data);
  if (others === 'zero') out.fill(0);
  for (let k = 0; k < count; k++) {
    for (let cell = 0; cell < height * width; cell++)
      out[offset + cell * count + k] = data[k * height * width + cell];
  }
  return fromData(out, shape);
}
