/**
 * Trains the bundled network by the project's own reverse mode: `npm run train`. Seeded: the same weights to the bit.
 * Writes weights/scenes-vgg.json and weights/sample.png.
 */
import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { valueAndGrad } from '../src/autodiff/reverse.ts';
import { mapTree } from '../src/autodiff/trees.ts';
import { serializeModel } from '../src/model/file/serializeModel.ts';
import { setThreads } from '../src/node.ts';
import { fromData, item, type Tensor } from '../src/tensor/tensor.ts';
import { createParameters, crossEntropy, forward, type Parameters, toModel } from './network.ts';
import { createScene, SCENE_SIZE } from './scenes.ts';
import { classNames } from './shapes.ts';

const SEED = 1;
const BATCH = 16;
const STEPS = Number(process.env.STEPS ?? 800);
const RATE = 3e-3;
const HELD_OUT = 400;
/** Seeds from here on are held out: training never sees them. */
const HELD_OUT_SEED = 10_000_000;

function batchOf(seeds: readonly number[]): { pictures: Tensor; oneHot: Tensor; classes: number[] } {
  const plane = 3 * SCENE_SIZE * SCENE_SIZE;
  const pictures = new Float32Array(seeds.length * plane);
  const oneHot = new Float32Array(seeds.length * classNames.length);
  const classes = seeds.map((seed, i) => {
    const { pixels, classIndex } = createScene(seed);
    for (let p = 0; p < plane; p++) pictures[i * plane + p] = pixels[p] / 255;
    oneHot[i * classNames.length + classIndex] = 1;
    return classIndex;
  });
  return {
    pictures: fromData(pictures, [seeds.length, 3, SCENE_SIZE, SCENE_SIZE]),
    oneHot: fromData(oneHot, [seeds.length, classNames.length]),
    classes,
  };
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** Mean and uncentred variance of the gradients, decayed. */
interface Moments {
  readonly first: Parameters;
  readonly second: Parameters;
}

/** One step of Adam (Kingma and Ba 2015), β = (0.9, 0.999). */
function adam(
  parameters: Parameters,
  gradient: Parameters,
  moments: Moments,
  step: number,
  rate: number,
): [Parameters, Moments] {
  const decay = (beta: number, f: (g: number) => number) => (m: Tensor, g: Tensor) =>
    fromData(
      Float32Array.from(m.data, (value, i) => beta * value + (1 - beta) * f(g.data[i])),
      m.shape,
    );
  const first = mapTree(
    decay(0.9, (g) => g),
    moments.first,
    gradient,
  );
  const second = mapTree(
    decay(0.999, (g) => g * g),
    moments.second,
    gradient,
  );
  const [correct1, correct2] = [1 - 0.9 ** step, 1 - 0.999 ** step];
  const moved = mapTree(
    (p, m, v) =>
      fromData(
        Float32Array.from(
          p.data,
          (value, i) => value - (rate * m.data[i]) / correct1 / (Math.sqrt(v.data[i] / correct2) + 1e-8),
        ),
        p.shape,
      ),
    parameters,
    first,
    second,
  );
  return [moved, { first, second }];
}

function predictions(parameters: Parameters, pictures: Tensor): number[] {
  const { data, shape } = forward(parameters, pictures);
  return range(0, shape[0]).map((row) => {
    const scores = Array.from(data.subarray(row * shape[1], (row + 1) * shape[1]));
    return scores.indexOf(Math.max(...scores));
  });
}

/** Held-out accuracy, and how often each class (row) was taken for each (column). */
function evaluateHeldOut(parameters: Parameters): { accuracy: number; confusion: number[][] } {
  const confusion = classNames.map(() => classNames.map(() => 0));
  for (let start = 0; start < HELD_OUT; start += BATCH) {
    const { pictures, classes } = batchOf(range(HELD_OUT_SEED + start, BATCH));
    predictions(parameters, pictures).forEach((predicted, i) => {
      confusion[classes[i]][predicted]++;
    });
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i], 0);
  return { accuracy: right / HELD_OUT, confusion };
}

function writePicture(path: string, seed: number, options: { classIndex: number; count: number }): void {
  const { pixels, size } = createScene(seed, options);
  const png = new PNG({ width: size, height: size, colorType: 2 });
  for (let p = 0; p < size * size; p++) {
    for (let c = 0; c < 3; c++) png.data[4 * p + c] = pixels[c * size * size + p];
    png.data[4 * p + 3] = 255;
  }
  writeFileSync(path, PNG.sync.write(png, { colorType: 2 }));
}

function train(): Parameters {
  let parameters = createParameters(SEED);
  const zero = mapTree((p) => fromData(new Float32Array(p.data.length), p.shape), parameters);
  let moments: Moments = { first: zero, second: zero };
  const started = performance.now();
  for (let step = 1; step <= STEPS; step++) {
    const { pictures, oneHot } = batchOf(range(step * BATCH, BATCH));
    const loss = (p: Parameters) => crossEntropy(forward(p, pictures), oneHot);
    const { value, gradient } = valueAndGrad(loss)(parameters);
    const rate = RATE * Math.min(1, step / 50) * (0.5 + 0.5 * Math.cos((Math.PI * step) / STEPS));
    [parameters, moments] = adam(parameters, gradient, moments, step, rate);
    if (step % 25 === 0) {
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      process.stderr.write(`step ${step} of ${STEPS}, loss ${item(value).toFixed(3)}, ${seconds} s\n`);
    }
  }
  return parameters;
}

setThreads();
const parameters = train();
const { accuracy, confusion } = evaluateHeldOut(parameters);
process.stdout.write(`held-out accuracy ${(100 * accuracy).toFixed(1)} % of ${HELD_OUT} scenes\n`);
confusion.forEach((row, i) => {
  process.stdout.write(`${classNames[i].padEnd(10)} ${row.map((n) => String(n).padStart(4)).join('')}\n`);
});
const here = (file: string) => new URL(file, import.meta.url).pathname;
const { json, files } = serializeModel(toModel(parameters));
if (files.size > 0) throw new Error('Internal: the bundled weights must fit into the JSON file');
writeFileSync(here('scenes-vgg.json'), json);
writePicture(here('sample.png'), HELD_OUT_SEED + 100, {
  classIndex: classNames.indexOf('hourglass'),
  count: 3,
});
