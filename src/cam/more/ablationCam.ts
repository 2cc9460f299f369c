import { rest } from '../../tensor/drive.ts';
import { contiguous, fromData } from '../../tensor/tensor.ts';
import type { Evidence } from '../evidence.ts';
import type { MethodOptions, MethodResult, Network } from '../method.ts';
import { chooseEntries } from '../select.ts';
import { weighMaps } from '../weigh.ts';
import { scoreBehind } from './network.ts';

/**
 * Ablation-CAM weights w_k = (y − y_k) / |y|, y the logit z_c and y_k the logit with map k (its selected entries) set to 0; 0 where y is 0.
 *
 * Cost: a pass through the head for each map.
 * Source: Desai and Ramaswamy 2020 (Ablation-CAM), eq. 2. Departure: divided by |y|, so that a negative logit turns no weight round.
 */
export async function ablationCam(
  { activation }: Pick<Evidence, 'activation'>,
  { select }: MethodOptions,
  network: Network,
): Promise<MethodResult> {
  const { data, shape } = contiguous(activation);
  const size = shape[1] * shape[2];
  const { maps, cells } = chooseEntries(select, shape);
  const y = await scoreBehind(network, activation);
  const weights = new Float64Array(shape[0]);
  for (const k of maps) {
    await rest(network.options.signal);
    const ablated = Float64Array.from(data);
    for (const cell of cells(k)) ablated[k * size + cell] = 0;
    const without = await scoreBehind(network, fromData(ablated, shape));
    weights[k] = y === 0 ? 0 : (y - without) / Math.abs(y);
  }
  return weighMaps(shape, select, (k) => weights[k]);
}
