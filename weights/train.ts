/**
 * Trains the bundled networks by the project's own reverse mode: `npm run train`, or `npm run train -- --only NAME`. Seeded: the same
 * weights to the bit, also when it was stopped on the way and started again.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createScene, sceneClasses } from '../src/evaluate/scenes/index.ts';
import type { ModelData } from '../src/model/data/format.ts';
import { countParameters } from '../src/model/data/parameters.ts';
import { parseModelData } from '../src/model/file/parseModelData.ts';
import { serializeModel } from '../src/model/file/serializeModel.ts';
import { modelOf } from '../src/model/modelOf.ts';
import { encodePng } from '../src/node/pictures/encodePng.ts';
import { setThreads } from '../src/node.ts';
import { BATCH, heldOut, wholeScenes } from './batches.ts';
import { fit } from './fit.ts';
import { networks } from './networks.ts';

const HELD_OUT = 1200;
const AT_ONCE = 48;
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Scenes that training never saw, as pictures beside the networks. */
const samples = [
  { file: 'sample.png', seed: 10_100_005, shown: 'hourglass', count: 3 },
  { file: 'sample-butterflies.png', seed: 10_100_101, shown: 'butterfly', count: 4 },
  { file: 'sample-fish.png', seed: 10_100_200, shown: 'fish', count: 2 },
] as const;

/** Held-out accuracy in all and by the number of objects, and how often each class (row) was taken for each (column), as lines. */
async function heldOutLines(data: ModelData): Promise<{ lines: string[]; accuracy: number }> {
  const model = modelOf(data);
  const confusion = sceneClasses.map(() => sceneClasses.map(() => 0));
  const right = [0, 0, 0, 0];
  for (let start = 0; start < HELD_OUT; start += AT_ONCE) {
    const choices = Array.from({ length: AT_ONCE }, (_, i) => heldOut(start + i));
    const { data: logits } = (
      await model.run(wholeScenes(choices.map(({ seed, ...options }) => createScene(seed, options))).pictures)
    )[model.outputs[0].name];
    for (const [i, { classIndex, count }] of choices.entries()) {
      const row = Array.from(logits.subarray(i * sceneClasses.length, (i + 1) * sceneClasses.length));
      const predicted = row.indexOf(Math.max(...row));
      confusion[classIndex][predicted]++;
      if (predicted === classIndex) right[count - 1]++;
    }
  }
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;
  const all = right.reduce((sum, each) => sum + each, 0);
  const lines = [
    `held-out accuracy ${percent(all, HELD_OUT)} of ${HELD_OUT} scenes`,
    ...right.map((each, i) => `  of ${i + 1} object${i === 0 ? '' : 's'}: ${percent(each, HELD_OUT / 4)}`),
    'rows: class; columns: taken for',
    ...confusion.map(
      (row, i) => `${sceneClasses[i].padEnd(10)} ${row.map((n) => String(n).padStart(4)).join('')}`,
    ),
  ];
  return { lines, accuracy: all / HELD_OUT };
}

async function train(name: string): Promise<void> {
  const { build, phases } = networks[name];
  const built = build(() => parseModelData(readFileSync(here('scenes-vgg.json'), 'utf8')));
  const folder = here('checkpoints');
  const print = (line: string) => process.stderr.write(`${name}: ${line}\n`);
  print(`${countParameters(built.model, built.parameters)} parameters`);
  const { model, lines, seconds } = fit(built, { phases, folder, print });
  const { lines: results } = await heldOutLines(model);
  for (const line of results) print(line);
  const { json, files } = serializeModel(model);
  if (files.size > 0) throw new Error('Internal: the bundled weights must fit into the JSON file');
  writeFileSync(here(`${name}.json`), json);
  mkdirSync(here('logs'), { recursive: true });
  const parts = phases.map(({ pictures, steps }) => `${steps} steps of ${BATCH} ${pictures}`).join(', ');
  const head = `${name}: ${countParameters(model, model.tensors.keys())} parameters, ${parts}, ${(seconds / 60).toFixed(1)} minutes`;
  writeFileSync(here(`logs/${name}.txt`), `${[head, ...lines, ...results].join('\n')}\n`);
  rmSync(`${folder}/${name}.state`);
}

function writeSamples(): void {
  for (const { file, seed, shown, count } of samples) {
    const { pixels, size } = createScene(seed, { classIndex: sceneClasses.indexOf(shown), count });
    const data = new Uint8Array(4 * size * size).fill(255);
    for (let at = 0; at < size * size; at++) {
      for (let c = 0; c < 3; c++) data[4 * at + c] = pixels[c * size * size + at];
    }
    writeFileSync(here(file), encodePng({ width: size, height: size, data }));
  }
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const names = Object.keys(networks).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0)
  throw new Error(`Cannot train ${values.only}: there are ${Object.keys(networks).join(', ')}`);
setThreads(1);
for (const name of names) await train(name);
writeSamples();
process.exit(0);
