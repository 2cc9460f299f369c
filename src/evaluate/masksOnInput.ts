import type { Rectangle } from '../image/picture.ts';

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Masks of a picture as the network sees them: each cell of the input is what its centre lies on. Those that the crop leaves nothing of are undefined. */
export function masksOnInput(
  masks: readonly Uint8Array[],
  picture: Frame,
  { crop, input }: { readonly crop: Rectangle; readonly input: Frame },
): (Uint8Array | undefined)[] {
  const place = (i: number, length: number, start: number, span: number, most: number) =>
    Math.min(most - 1, Math.max(0, Math.floor(start + ((i + 0.5) * span) / length)));
  const columns = Array.from({ length: input.width }, (_, x) =>
    place(x, input.width, crop.x, crop.width, picture.width),
  );
  const rows = Array.from({ length: input.height }, (_, y) =>
    place(y, input.height, crop.y, crop.height, picture.height),
  );
  return masks.map((mask) => {
    const seen = new Uint8Array(input.width * input.height);
    let any = 0;
    for (const [y, row] of rows.entries()) {
      for (const [x, column] of columns.entries()) {
        const inside = Number(mask[row * picture.width + column] !== 0);
        seen[y * input.width + x] = inside;
        any += inside;
      }
    }
    return any > 0 ? seen : undefined;
  });
}

/** What is known of occurrences, for strata: how many, their mean share of the picture, and how near the nearest two centres are, in shorter sides. */
export function occurrenceFacts(masks: readonly Uint8Array[], { width, height }: Frame) {
  const centres = masks.map((mask) => {
    let [x, y, area] = [0, 0, 0];
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      x += i % width;
      y += Math.floor(i / width);
      area++;
    }
    return { x: x / area, y: y / area, area };
  });
  let nearest = Number.POSITIVE_INFINITY;
  for (const [i, a] of centres.entries()) {
    for (const b of centres.slice(i + 1))
      nearest = Math.min(nearest, Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2));
  }
  const areas = centres.reduce((sum, { area }) => sum + area, 0);
  return {
    occurrences: masks.length,
    ...(masks.length > 0 && { size: areas / masks.length / (width * height) }),
    ...(masks.length > 1 && { distance: nearest / Math.min(width, height) }),
  };
}
