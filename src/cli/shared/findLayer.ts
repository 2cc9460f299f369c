import type { Model } from '../../model/model.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMeanSome } from '../../tensor/nearest.ts';

/** What --layer takes, for help. */
export const layerText =
  'tensor name, node name or index of inspect; -2 for the last feature map but one (default: -1)';

/** The so manyth feature map from the last one back, which is the default layer. */
function layerFromEnd(model: Model, place: number, outputs: readonly string[]): string {
  const last = model.findLayer(undefined, outputs);
  const maps = model.layers.filter(({ isCandidate }) => isCandidate).map(({ tensor }) => tensor);
  const before = maps.slice(0, maps.indexOf(last) + 1);
  const layer = place === 0 ? undefined : before.at(-place);
  if (layer !== undefined) return layer;
  throw new InputError(
    `Cannot find the layer -${place} in ${model.name}: it has ${before.length} feature maps that every path crosses, -1 … -${before.length}`,
  );
}

/** The tensor that --layer means; the default layer without it. @throws InputError naming what is near. */
export function findLayer(model: Model, flag: string | undefined, outputs: readonly string[]): string {
  if (flag !== undefined && /^-\d+$/.test(flag)) return layerFromEnd(model, -Number(flag), outputs);
  try {
    return model.findLayer(flag, outputs);
  } catch (error) {
    if (flag === undefined || !(error instanceof InputError)) throw error;
    const names = model.data.nodes.flatMap(({ name, outputs }) => [...outputs, name]);
    throw new InputError(`${error.message}${didYouMeanSome(flag, names)}`);
  }
}
