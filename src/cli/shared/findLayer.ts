import type { Model } from '../../model/model.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';

/** What --layer takes, for help. */
export const layerText = 'tensor name, node name or index of inspect (default: the last feature map)';

/** The tensor that --layer means; the default layer without it. @throws InputError naming what is near. */
export function findLayer(model: Model, flag: string | undefined): string {
  try {
    return model.findLayer(flag);
  } catch (error) {
    if (flag === undefined || !(error instanceof InputError)) throw error;
    const near = didYouMean(
      flag,
      model.data.nodes.flatMap(({ name, outputs }) => [...outputs, name]),
    );
    throw new InputError(`${error.message}${near}`);
  }
}
