import { rest } from '../tensor/drive.ts';
import type { Chosen } from './choices.ts';
import { type Collected, needOf } from './collect.ts';
import type { Network, RawMap } from './method.ts';
import type { MethodName } from './methods.ts';

/** A picture in the network, and what was chosen. */
interface Passing extends Omit<Network, 'layout' | 'rows' | 'score'> {
  readonly choices: Chosen;
}

/** The maps of the methods that take passes of their own, for one class. */
export async function takePasses(
  { layer, reading }: Collected,
  { choices, ...network }: Passing,
): Promise<ReadonlyMap<MethodName, RawMap>> {
  const maps = new Map<MethodName, RawMap>();
  const { select, numerator, layout } = choices;
  for (const name of choices.methods) {
    const method = choices.rows[name];
    const need = method?.of === 'network' ? layer.get(needOf(method, choices)) : undefined;
    if (method?.of !== 'network' || need === undefined) continue;
    await rest(network.options.signal);
    const { score, accumulator } = need;
    const where = { ...network, layout, rows: reading.rows, score };
    maps.set(name, await method.map(accumulator.evidence(), { select, numerator }, where));
  }
  return maps;
}
