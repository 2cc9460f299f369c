/**
 * Draws docs/networks/face.png: two faces of nobody, by ellipses with soft edges, for the page on detectors.
 *   node --import tsx scripts/drawFace.ts
 */
import { writeFileSync } from 'node:fs';
import { encodePng } from '../src/node/pictures/encodePng.ts';

type Rgb = readonly [number, number, number];

const WIDTH = 416;
const HEIGHT = 320;
const data = new Uint8Array(4 * WIDTH * HEIGHT).fill(255);

/** Lays a colour over an ellipse; `soft` pixels of its edge fade. */
function ellipse(
  [cx, cy, rx, ry]: readonly [number, number, number, number],
  colour: Rgb,
  { soft = 1.5, alpha = 1, above = false } = {},
): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      if (above && y > cy) continue;
      const far = Math.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2);
      const inside = Math.min(1, Math.max(0, ((1 - far) * Math.min(rx, ry)) / soft + 0.5));
      const at = 4 * (y * WIDTH + x);
      for (let c = 0; c < 3; c++) data[at + c] += (colour[c] - data[at + c]) * inside * alpha;
    }
  }
}

function face(x: number, y: number, { size: s, skin, hair }: { size: number; skin: Rgb; hair: Rgb }): void {
  const dark = skin.map((each) => each * 0.72) as unknown as Rgb;
  const light = skin.map((each) => Math.min(255, each * 1.12)) as unknown as Rgb;
  ellipse([x, y + 1.9 * s, 1.5 * s, 1.1 * s], [70, 90, 120]);
  ellipse([x, y + 1.05 * s, 0.36 * s, 0.5 * s], dark, { soft: 4 });
  ellipse([x, y - 0.22 * s, 0.92 * s, 1.12 * s], hair, { soft: 3 });
  for (const side of [-1, 1])
    ellipse([x + side * 0.8 * s, y + 0.05 * s, 0.12 * s, 0.22 * s], dark, { soft: 3 });
  ellipse([x, y + 0.05 * s, 0.78 * s, 1.02 * s], skin, { soft: 3 });
  ellipse([x - 0.2 * s, y - 0.1 * s, 0.5 * s, 0.7 * s], light, { soft: 0.4 * s, alpha: 0.5 });
  ellipse([x, y - 0.72 * s, 0.72 * s, 0.36 * s], hair, { soft: 4 });
  for (const side of [-1, 1]) {
    const ex = x + side * 0.32 * s;
    ellipse([ex, y - 0.12 * s, 0.2 * s, 0.14 * s], dark, { soft: 6, alpha: 0.7 });
    ellipse([ex, y - 0.1 * s, 0.15 * s, 0.075 * s], [245, 242, 238]);
    ellipse([ex, y - 0.1 * s, 0.072 * s, 0.075 * s], [60, 42, 30]);
    ellipse([ex - 0.02 * s, y - 0.12 * s, 0.02 * s, 0.02 * s], [255, 255, 255]);
    ellipse([ex, y - 0.3 * s, 0.2 * s, 0.045 * s], hair, { soft: 2 });
    ellipse([x + side * 0.4 * s, y + 0.28 * s, 0.18 * s, 0.14 * s], [220, 120, 110], {
      soft: 10,
      alpha: 0.25,
    });
    ellipse([x + side * 0.075 * s, y + 0.25 * s, 0.05 * s, 0.035 * s], dark, { soft: 3 });
  }
  ellipse([x + 0.05 * s, y + 0.08 * s, 0.09 * s, 0.26 * s], dark, { soft: 8, alpha: 0.45 });
  ellipse([x - 0.03 * s, y + 0.1 * s, 0.06 * s, 0.24 * s], light, { soft: 6, alpha: 0.6 });
  ellipse([x, y + 0.53 * s, 0.27 * s, 0.1 * s], [176, 82, 80], { soft: 2 });
  ellipse([x, y + 0.52 * s, 0.24 * s, 0.02 * s], [110, 40, 44]);
  ellipse([x, y + 0.68 * s, 0.16 * s, 0.05 * s], dark, { soft: 6, alpha: 0.5 });
}

for (let y = 0; y < HEIGHT; y++) {
  for (let x = 0; x < WIDTH; x++) {
    const at = 4 * (y * WIDTH + x);
    data.set([176 - y / 5, 196 - y / 6, 206 - y / 8], at);
  }
}
face(140, 140, { size: 84, skin: [226, 178, 148], hair: [66, 44, 32] });
face(322, 190, { size: 46, skin: [150, 104, 78], hair: [28, 22, 20] });
writeFileSync('docs/networks/face.png', encodePng({ width: WIDTH, height: HEIGHT, data }));
