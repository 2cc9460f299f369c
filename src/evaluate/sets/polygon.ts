/**
 * The pixels whose centres lie inside of polygons, each a list x0, y0, x1, y1, …: a pixel counts where it is inside of any of them, by the
 * even-odd rule.
 */
export function fillPolygons(
  polygons: readonly (readonly number[])[],
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const corners of polygons) {
    for (let y = 0; y < height; y++) {
      const crossings = crossingsAt(corners, y + 0.5);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i] - 0.5));
        const to = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
        if (to > from) mask.fill(1, y * width + from, y * width + to);
      }
    }
  }
  return mask;
}

/** Where the sides of a polygon cross a row, from left to right. */
function crossingsAt(corners: readonly number[], row: number): number[] {
  const found: number[] = [];
  const count = Math.floor(corners.length / 2);
  for (let i = 0; i < count; i++) {
    const j = (i + 1) % count;
    const [x0, y0, x1, y1] = [corners[2 * i], corners[2 * i + 1], corners[2 * j], corners[2 * j + 1]];
    if (y0 > row !== y1 > row) found.push(x0 + ((row - y0) * (x1 - x0)) / (y1 - y0));
  }
  return found.sort((a, b) => a - b);
}

/** Run lengths, of 0 and of 1 in turn, down the columns, as COCO has them. */
export function fillRuns(
  counts: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const mask = new Uint8Array(width * height);
  let at = 0;
  for (const [i, run] of counts.entries()) {
    for (const end = Math.min(width * height, at + run); at < end; at++) {
      if (i % 2 === 1) mask[(at % height) * width + Math.floor(at / height)] = 1;
    }
  }
  return mask;
}
