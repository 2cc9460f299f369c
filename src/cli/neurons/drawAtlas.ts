import { basename } from 'node:path';
import { brightestOf, scaledMap } from '../../cam/brightest.ts';
import type { Explanation } from '../../cam/explanation.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import type { LayerNeurons } from '../../cam/neurons.ts';
import { describeExplained, pairOfExplanation, scoreText } from '../../cam/pairText.ts';
import { atlasSvg } from '../../image/atlas/atlas.ts';
import { seenSides, TILE } from '../../image/atlas/plate.ts';
import { groundOf } from '../../image/ground.ts';
import { drawOver } from '../../image/overlay.ts';
import type { Picture } from '../../image/picture.ts';
import { veil } from '../../image/veil.ts';
import { scaledText } from '../../node/explanation/mapScale.ts';
import { encodePng } from '../../node/pictures/encodePng.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { type Tensor, zeros } from '../../tensor/tensor.ts';
import type { PreparedImage } from '../explain/prepareImages.ts';

/** Pixels of the photograph for each of the plate; maps, which are smooth, have one. */
const FINENESS = 1.5;

const filed = (picture: Picture) => ({
  ...{ width: picture.width, height: picture.height },
  png: encodePng(picture),
});

/** Drawn up to its maximum. */
const upToMaximum = (map: Tensor) => scaledMap(map, brightestOf(map, 'cells') || 1);

const captionOf = ({ method }: LayerNeurons, { choices, maps, ...explanation }: Explanation): string => {
  const { sigma, samples } = choices;
  const map = maps[method];
  const score = scoreText(map?.score ?? choices.score, pairOfExplanation(explanation));
  const caption = methodOf(method).caption({ score, noise: `σ ${formatNumber(sigma)}, n ${samples}` });
  return map === undefined
    ? caption
    : `${caption}; maximum ${scaledText(brightestOf(map.raw, 'cells'), map.logScale)}`;
};

/** The plate of a layer for one picture, as SVG. */
export function drawAtlas(
  found: LayerNeurons,
  { explanation, image, model }: { explanation: Explanation; image: PreparedImage; model: string },
): string {
  const { picture, crop, input } = image;
  const [width, height] = seenSides(crop, TILE);
  const scale = (FINENESS * Math.max(width, height)) / Math.max(crop.width, crop.height);
  const size = Math.max(1, Math.min(2048, Math.round(scale * Math.max(picture.width, picture.height))));
  const ground = groundOf(picture, { crop, size });
  const all = { x: 0, y: 0, width: ground.picture.width, height: ground.picture.height };
  const muted = drawOver({ ...ground, seen: all }, zeros([1, 1]), { opacity: 0 });
  const sides = { width, height };
  const over = (map: Tensor) => filed(veil(upToMaximum(map), sides));
  const map = explanation.maps[found.method];
  const [, rows, columns] = found.shape;
  const { explained } = explanation;
  const place = explained.rank === 1 ? 'predicted' : `rank ${explained.rank}`;
  return atlasSvg({
    title: describeExplained(explanation),
    subtitle: `neurons of ${found.layer}, ${found.shape[0]} maps of ${rows} × ${columns} cells; ${model}; p = ${formatNumber(explained.probability)}, ${place}`,
    neurons: found,
    photograph: {
      ...filed(ground.picture),
      ...{ name: basename(image.path), seen: ground.seen, sides: picture },
    },
    ground: filed(muted),
    whole: {
      ...over(map?.raw ?? zeros([rows, columns])),
      title: methodOf(found.method).title,
      detail: captionOf(found, explanation),
    },
    veils: found.maps.map(({ activation }) => over(activation)),
    input: { width: input.shape[input.shape.length - 1], height: input.shape[input.shape.length - 2] },
  });
}
