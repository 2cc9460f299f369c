import type { Mask, MaskMetric, Relevance } from './metric.ts';

/** The smallest box around a mask, half-open; undefined for an empty one. */
function boxAround(mask: Mask, { height, width }: Relevance) {
  let [y0, x0, y1, x1] = [height, width, 0, 0];
  for (let i = 0; i < height * width; i++) {
    if (mask[i] === 0) continue;
    const [y, x] = [Math.floor(i / width), i % width];
    y0 = Math.min(y0, y);
    x0 = Math.min(x0, x);
    y1 = Math.max(y1, y + 1);
    x1 = Math.max(x1, x + 1);
  }
  return y1 > y0 ? { y0, x0, y1, x1 } : undefined;
}

function overlap(map: Relevance, masks: readonly Mask[], delta: number): number {
  const { height, width, data, most } = map;
  const inBox = new Uint8Array(height * width);
  for (const mask of masks) {
    const box = boxAround(mask, map);
    if (box === undefined) continue;
    for (let y = box.y0; y < box.y1; y++) inBox.fill(1, y * width + box.x0, y * width + box.x1);
  }
  let [both, either] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const bright = data[i] >= delta * most;
    if (bright && inBox[i] === 1) both++;
    if (bright || inBox[i] === 1) either++;
  }
  return both / either;
}

/**
 * Loc(δ): area of the region where the map is at least δ of its maximum inside of the boxes, divided by the area of region and boxes together.
 *
 * Source: Chattopadhyay et al. 2018 (Grad-CAM++), section 4.2.1: internal / (box + external) is this ratio. Boxes are the smallest around
 * the masks of all occurrences, joined. Elsewhere masks stand in place of boxes, and quantiles of the map in place of shares of its maximum.
 */
export const boxOverlap = (delta: number): MaskMetric => ({
  title: `Loc(${delta})`,
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: `Area where the map is at least ${delta} of its maximum, intersected with the boxes of the occurrences, divided by the area of both together.`,
  measure: (map, masks) => overlap(map, masks, delta),
});
