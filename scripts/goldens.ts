/**
 * Holds every plan against golden derivatives: `npm run goldens -- DIR [--backend wasm|reference] [--threads N]`, DIR in the layout
 * of test/fixtures/goldens.
 * Each NAME.onnx + NAME.json is a network with D1, D2, D3 of every entry of one activation for several scores; each
 * MODEL-IMAGE.cams.json holds maps in closed form.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagonal } from '../src/autodiff/diagonal/diagonal.ts';
import type { DiagonalResult } from '../src/autodiff/diagonal/diagonalResult.ts';
import { explain } from '../src/cam/explain.ts';
import { createScore, type NamedScore } from '../src/cam/score.ts';
import { preprocess, presetFor } from '../src/image/preprocess.ts';
import { formatLayout, toMaps } from '../src/model/graph/layout.ts';
import { createModel, type Model } from '../src/model/model.ts';
import { decodePicture } from '../src/node/pictures/decodePicture.ts';
import { importOnnx } from '../src/onnx/index.ts';
import { contiguous, fromData, type Tensor } from '../src/tensor/tensor.ts';
import { readFolder } from './folderOptions.ts';
import { createReport } from './report.ts';

interface GoldenCase {
  readonly score: NamedScore;
  readonly classIndex: number;
  readonly y: number;
  readonly d1: readonly number[];
  readonly d2: readonly number[];
  readonly d3: readonly number[];
}

interface Golden {
  readonly input: { readonly shape: readonly number[]; readonly data: readonly number[] };
  readonly activation: {
    readonly shape: readonly number[];
    readonly data: readonly number[];
    readonly tensor: string;
  };
  readonly logits: readonly number[];
  readonly tolerance: number;
  readonly cases: readonly GoldenCase[];
}

const report = createReport();

/** Largest error relative to the largest wanted value; entries wanted as exactly 0 must be exactly 0. */
function errorOf(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === 0 && got[i] !== 0) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(wanted[i]));
    const error = Math.abs(got[i] - wanted[i]);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  return largest === 0 ? worst : worst / largest;
}

const valuesOf = (x: Tensor) => contiguous(x).data;

/** D_r of Y itself: the result's arrays times exp(logScale). */
function trueValues(x: Tensor, { logScale }: DiagonalResult): Float64Array {
  return Float64Array.from(valuesOf(x), (value) => value * Math.exp(logScale));
}

async function checkNetwork(dir: string, name: string): Promise<void> {
  const golden: Golden = JSON.parse(readFileSync(join(dir, `${name}.json`), 'utf8'));
  const model = createModel(importOnnx(readFileSync(join(dir, `${name}.onnx`)), { name }));
  const split = model.split(golden.activation.tensor, {
    trunkPrecision: 'float64',
    headPrecision: 'float64',
  });
  const run = await split.at(fromData(Float64Array.from(golden.input.data), golden.input.shape));
  const activation = errorOf(valuesOf(run.activation), golden.activation.data);
  report.check(`${name}: activation`, activation <= golden.tolerance, `error ${activation.toExponential(1)}`);
  for (const each of golden.cases) {
    const score = createScore(each.score, { classIndex: each.classIndex, ending: model.logits.ending });
    const plans = diagonal(run.head, run.activation, { score }).plan.candidates;
    for (const { name: plan, applicable, why } of plans) {
      const title = `${name} ${each.score} ${plan}`;
      if (!applicable) {
        report.note(`${title}: does not apply, ${why}`);
        continue;
      }
      const result = diagonal(run.head, run.activation, { score, plan });
      const errors = [result.d1, result.d2, result.d3].map((d, r) =>
        errorOf(trueValues(d, result), [each.d1, each.d2, each.d3][r]),
      );
      const y = errorOf([result.y * Math.exp(result.logScale)], [each.y]);
      const worst = Math.max(y, ...errors);
      const zero = result.certificate.identicallyZero.length > 0 ? ', D2 and D3 certified zero' : '';
      const figures = errors.map((error) => error.toExponential(1)).join(' ');
      report.check(title, worst <= golden.tolerance, `D1 D2 D3 ${figures}${zero}`);
    }
  }
  await checkEvidence(model, golden, name);
}

/** Trunks of `explain` run in float32. */
const EVIDENCE_TOLERANCE = 1e-4;

/** Evidence of a layer of another layout than [K, H, W] against the golden derivatives, its axes put in that order. */
async function checkEvidence(model: Model, golden: Golden, name: string): Promise<void> {
  const { tensor, shape } = golden.activation;
  const { layout } = model.split(tensor);
  if (layout === undefined || layout.kind === 'NCHW') return;
  const image = fromData(Float32Array.from(golden.input.data), golden.input.shape);
  for (const { score, classIndex, d1, d2, d3 } of golden.cases) {
    const options = { layer: tensor, class: classIndex, score, methods: ['gradcam++'] } as const;
    const { evidence } = await explain(model, image, options);
    const found = evidence['gradcam++'];
    const errors = [found.d1, found.d2, found.d3].map((d, r) => {
      const wanted = toMaps(fromData(Float64Array.from([d1, d2, d3][r]), shape.slice(1)), layout);
      return errorOf(
        valuesOf(d).map((value) => value * Math.exp(found.logScale)),
        valuesOf(wanted),
      );
    });
    const figures = errors.map((error) => error.toExponential(1)).join(' ');
    const title = `${name} ${score} evidence of ${formatLayout(layout)}`;
    report.check(title, Math.max(...errors) <= EVIDENCE_TOLERANCE, `D1 D2 D3 ${figures}`);
  }
}

interface GoldenMaps {
  readonly image: string;
  readonly layer: string;
  readonly top5: readonly (readonly [number, number])[];
  readonly maps: Readonly<
    Record<
      string,
      {
        logit: number;
        gradCamRaw: number[][];
        gradCamPlusPlus: number[][];
        gradCamPlusPlusWeightsOverExpLogit: number[];
      }
    >
  >;
}

const MAP_TOLERANCE = 1e-4;

/** The named file under one of the folders beside the goldens. */
function findFile(dir: string, folder: string, names: readonly string[]): string | undefined {
  return names.flatMap((name) => [join(dir, '..', folder, name), join(dir, name)]).find(existsSync);
}

async function checkMaps(dir: string, file: string): Promise<void> {
  const golden: GoldenMaps = JSON.parse(readFileSync(join(dir, file), 'utf8'));
  const [modelName, imageName] = file.replace(/\.cams\.json$/, '').split(/-(?=[^-]*$)/);
  const modelFile = findFile(dir, 'models', [`${modelName}.onnx`]);
  const imageFile = findFile(dir, 'images', [golden.image, `${imageName}.png`, `${imageName}.jpg`]);
  if (modelFile === undefined || imageFile === undefined) {
    report.skip(file, `${modelFile === undefined ? `${modelName}.onnx` : golden.image} is not there`);
    return;
  }
  const model: Model = createModel(importOnnx(readFileSync(modelFile), { name: modelName }));
  const picture = decodePicture(readFileSync(imageFile), imageFile);
  const [, channels, height, width] = model.inputShape;
  const size = { channels, height, width };
  const { input } = preprocess(picture, presetFor('imagenet', size), size);
  for (const [key, wanted] of Object.entries(golden.maps)) {
    const options = { layer: golden.layer, class: Number(key), methods: ['gradcam', 'gradcam++'] as const };
    const { maps, top } = await explain(model, input, options);
    const ranks = golden.top5.every(
      ([index, logit], i) => top[i].classIndex === index && Math.abs(top[i].logit - logit) < 1e-3,
    );
    report.check(`${file} top 5`, ranks, top.map((each) => each.classIndex).join(' '));
    const pairs = [
      ['gradcam', maps.gradcam?.raw, wanted.gradCamRaw],
      ['gradcam++', maps['gradcam++']?.normalized, wanted.gradCamPlusPlus],
    ] as const;
    for (const [method, map, rows] of pairs) {
      const error = map === undefined ? Number.POSITIVE_INFINITY : errorOf(valuesOf(map), rows.flat());
      report.check(
        `${file} class ${key} ${method}`,
        error <= MAP_TOLERANCE,
        `error ${error.toExponential(1)} of the maximum`,
      );
    }
  }
}

const dir = readFolder('goldens');
const files = readdirSync(dir).sort();
for (const file of files) {
  const name = file.replace(/\.onnx$/, '');
  if (file.endsWith('.onnx') && files.includes(`${name}.json`))
    await report.guard(name, () => checkNetwork(dir, name));
  if (file.endsWith('.cams.json')) await report.guard(file, () => checkMaps(dir, file));
}
report.close();
