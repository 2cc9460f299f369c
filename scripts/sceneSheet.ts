/** A contact sheet of scenes: `npm run scenes -- OUT.png [SEED] [masks]`: a row for each class, one to four objects twice. */
import { writeFileSync } from 'node:fs';
import { createScene, SCENE_SIZE, sceneClasses } from '../src/evaluate/scenes/index.ts';
import { encodePng } from '../src/node/pictures/encodePng.ts';

const [out = 'scenes.png', seed = '0', masks] = process.argv.slice(2);
const COLUMNS = 8;
const GAP = 4;
const step = SCENE_SIZE + GAP;
const width = COLUMNS * step + GAP;
const height = sceneClasses.length * step + GAP;
const sheet = new Uint8Array(width * height * 4).fill(255);

for (let classIndex = 0; classIndex < sceneClasses.length; classIndex++) {
  for (let column = 0; column < COLUMNS; column++) {
    const scene = createScene(Number(seed) + classIndex * COLUMNS + column, {
      classIndex,
      count: 1 + (column % 4),
    });
    const shown = masks === undefined ? undefined : scene.occurrences.map(({ mask }) => mask);
    for (let at = 0; at < SCENE_SIZE ** 2; at++) {
      const [x, y] = [at % SCENE_SIZE, Math.floor(at / SCENE_SIZE)];
      const to = 4 * ((classIndex * step + GAP + y) * width + column * step + GAP + x);
      const dim = shown === undefined || shown.some((mask) => mask[at] === 1) ? 1 : 0.25;
      for (let c = 0; c < 3; c++) sheet[to + c] = scene.pixels[c * SCENE_SIZE ** 2 + at] * dim;
    }
  }
}
writeFileSync(out, encodePng({ width, height, data: sheet }));
