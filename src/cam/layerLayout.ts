import type { Layout } from '../autodiff/places/layout.ts';
import { checkLayout, formatLayout, unknownLayout } from '../model/graph/layout.ts';
import type { Split } from '../model/split.ts';
import { InputError } from '../tensor/errors.ts';

/** Why no map can come of a layer: nothing of its cells goes on. */
function unread(layer: string, layout: Layout): InputError {
  const why =
    layout.kind === 'NTC' && layout.prefix > 0
      ? `only ${layout.prefix === 1 ? 'the class token' : `the first ${layout.prefix} tokens`} of this layer ${layout.prefix === 1 ? 'is' : 'are'} read`
      : 'none of its cells is read';
  return new InputError(
    `Cannot explain the layer ${layer} (${formatLayout(layout)}): ${why} on the way to the logits; name an earlier one, as inspect lists them`,
  );
}

/**
 * The layout of a layer: the caller's, or what the network says.
 * @throws InputError where neither is known, or no cell of the layer is read. ShapeError where the caller's does not fit.
 */
export function layerLayout(
  { layer, shape, ...split }: Pick<Split, 'layer' | 'shape' | 'layout' | 'reaches'>,
  given: Layout | undefined,
): Layout {
  const layout = given ?? split.layout;
  if (layout === undefined) throw unknownLayout(layer, shape);
  if (shape !== undefined) checkLayout(layout, layer, shape);
  if (!split.reaches(layout)) throw unread(layer, layout);
  return layout;
}
