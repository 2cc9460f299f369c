/**
 * Writes docs/experiments.md: `npm run experiments` runs `jetgrad evaluate` and the comparisons of derivatives on generated scenes, by all
 * bundled networks; `-- --quick` does so on a few scenes each and prints the page instead. What was stopped goes on when it is started again;
 * `-- --only PART` runs one part, and parts may run side by side.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createChild } from '../src/evaluate/child.ts';
import type { Summary } from '../src/evaluate/report/summary.ts';
import { renderSvg } from '../src/node/pictures/renderSvg.ts';
import { apartOf, type Pair, type Refused } from './experiments/apart.ts';
import { createClock } from './experiments/clock.ts';
import type { Comparison } from './experiments/derivativesChild.ts';
import type { Findings, NetworkDerivatives } from './experiments/findings.ts';
import { drawScenes } from './experiments/gallery.ts';
import { noiseChart } from './experiments/noiseChart.ts';
import { pageOf } from './experiments/page.ts';
import {
  DERIVATIVE_SIGMA,
  derivativeRuns,
  type Evaluation,
  evaluations,
  sceneAt,
  sweepOf,
} from './experiments/plan.ts';
import { tablesOf } from './experiments/tables.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    out: { type: 'string', default: 'jetgrad-experiments' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const { quick } = values;
const folder = join(values.out, quick ? 'quick' : 'whole');
mkdirSync(folder, { recursive: true });
const report = createReport();
const clock = createClock(folder);

/** The bundled networks, the default one first. */
const networks = readdirSync(join(root, 'weights'))
  .filter((file) => /^scenes-\w[\w-]*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
  .sort((a, b) => Number(b === 'scenes-vgg') - Number(a === 'scenes-vgg') || a.localeCompare(b));
const fileOf = (network: string) => join(root, 'weights', `${network}.json`);
const sha256Of = (network: string) =>
  createHash('sha256')
    .update(readFileSync(fileOf(network)))
    .digest('hex');

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs a command to its end. */
function finished(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 || code === 3
        ? resolve()
        : reject(new Error(`jetgrad evaluate ended with exit code ${code}`)),
    );
  });
}

const countIn = (path: string) => (existsSync(path) ? readdirSync(path, { recursive: true }).length : 0);

/** Runs `jetgrad evaluate`, or takes up what an earlier run has left. */
async function evaluate(evaluation: Evaluation): Promise<Summary> {
  const out = join(folder, evaluation.name);
  const { sigma, samples, score } = sweepOf(evaluation, quick);
  const flags = {
    model: networks.filter((network) => evaluation.models.includes(network)).map(fileOf),
    method: evaluation.methods,
    metric: evaluation.metrics,
    ...{ sigma, samples, score },
    jobs: [values.jobs],
    out: [out],
  };
  const scenes = `scenes:${quick ? evaluation.quickScenes : evaluation.scenes}`;
  const list = Object.entries(flags).flatMap(([flag, given]) => [`--${flag}`, given.join(',')]);
  await clock.during(evaluation.name, async () => {
    const before = countIn(join(out, 'results'));
    await finished([join(root, 'dist/cli/main.js'), 'evaluate', scenes, ...list]);
    return { didAnything: countIn(join(out, 'results')) > before };
  });
  return JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
}

/** What the comparisons of a network are called. */
const partOf = (network: string) => `derivatives.${network}`;

/** What compares derivatives, one network loaded at a time. */
const comparers = Array.from({ length: Number(values.jobs) }, () =>
  createChild<Comparison, (Pair | Refused)[]>({
    file: fileURLToPath(new URL('experiments/derivativesChild.ts', import.meta.url)),
    argv: [],
  }),
);

/** Compares on each of some scenes, as many at a time as there are processes; `keep` has what was found of one. */
async function compareScenes(
  scenes: readonly number[],
  asked: Omit<Comparison, 'scene'>,
  keep: (scene: number, found: (Pair | Refused)[]) => void,
): Promise<void> {
  const waiting = [...scenes];
  await Promise.all(
    comparers.map(async (child) => {
      for (let scene = waiting.shift(); scene !== undefined; scene = waiting.shift())
        keep(scene, await child.ask({ ...asked, scene }));
    }),
  );
}

/** The comparisons of one network, a file for each scene: those that are there are not made again. */
async function compareNetwork(network: string): Promise<NetworkDerivatives> {
  const { scenes: count, samples } = quick ? { scenes: 1, samples: 3 } : derivativeRuns[network];
  const own = join(folder, 'derivatives', `${network}.${sha256Of(network).slice(0, 16)}.n${samples}`);
  mkdirSync(own, { recursive: true });
  const scenes = Array.from({ length: count }, (_, i) => sceneAt(i, count));
  const placeOf = (scene: number) => join(own, `${scene}.json`);
  const missing = scenes.filter((scene) => !existsSync(placeOf(scene)));
  let done = count - missing.length;
  await clock.during(partOf(network), async () => {
    const noise = { samples, sigma: DERIVATIVE_SIGMA };
    await compareScenes(missing, { file: fileOf(network), noise }, (scene, found) => {
      writeFileSync(`${placeOf(scene)}.part`, JSON.stringify(found));
      renameSync(`${placeOf(scene)}.part`, placeOf(scene));
      say(`derivatives, ${network}: ${++done} of ${count} scenes`);
    });
    return { didAnything: missing.length > 0 };
  });
  const pairs = scenes.map((scene): (Pair | Refused)[] => JSON.parse(readFileSync(placeOf(scene), 'utf8')));
  return { network, samples, rows: apartOf(pairs) };
}

/** What a part has left, of those that the page shows. */
const sheetsShown = [
  ['scenes-vgg.label.best', 'best', 'gains'],
  ['scenes-vgg.label.worst', 'worst', 'loses'],
] as const;

/** Draws what stands beside the page. */
async function drawPictures(found: Findings['evaluations']): Promise<Findings['pictures']> {
  const beside = join(root, 'docs/experiments');
  mkdirSync(beside, { recursive: true });
  const noise = found.find(({ evaluation }) => evaluation.name === 'noise');
  const pictures: Findings['pictures'][number][] = [];
  if (noise !== undefined) {
    writeFileSync(join(beside, 'noise.png'), await renderSvg(noiseChart(tablesOf(noise.summary)), 1.5));
    const title =
      'Differences of Smooth Grad-CAM++ from Grad-CAM++ for each n and σ, and the samples that count';
    pictures.push({ file: 'experiments/noise.png', title, under: 'noise' });
  }
  writeFileSync(join(beside, 'gallery.png'), await drawScenes(networks.map((name) => [name, fileOf(name)])));
  pictures.push({
    ...{ file: 'experiments/gallery.png', under: 'conclusion' },
    title:
      'One to four occurrences by every bundled network: Grad-CAM, Grad-CAM++, Smooth Grad-CAM++ and others',
  });
  for (const [from, to, word] of sheetsShown) {
    const sheet = join(folder, 'methods', `${from}.png`);
    if (!existsSync(sheet)) continue;
    copyFileSync(sheet, join(beside, `${to}.png`));
    const title = `Grad-CAM++ (left) and Smooth Grad-CAM++ (right) of scenes-vgg on the scenes where the second ${word} most`;
    pictures.push({ file: `experiments/${to}.png`, title, under: 'extremes' });
  }
  return pictures;
}

const wants = (part: string) => values.only === undefined || values.only === part;

if (values.only === undefined)
  say(
    `${quick ? 'some two minutes' : 'an hour or less'} on two cores; what is stopped goes on when it is started again`,
  );
const found: Findings['evaluations'][number][] = [];
for (const evaluation of evaluations.filter(({ name }) => wants(name))) {
  await report.guard(evaluation.name, async () => {
    say(`${evaluation.name}: ${evaluation.title}`);
    const summary = await evaluate(evaluation);
    found.push({ evaluation, summary });
    const took = `${summary.pictures} scenes, ${summary.failed} failed, ${Math.round(clock.seconds[evaluation.name] ?? 0)} s`;
    report.check(evaluation.name, summary.failed === 0, took);
  });
}
const derivatives: NetworkDerivatives[] = [];
for (const network of networks.filter((each) => each in derivativeRuns && wants(partOf(each)))) {
  await report.guard(partOf(network), async () => {
    const own = await compareNetwork(network);
    derivatives.push(own);
    const took = `${own.rows.length} comparisons, ${Math.round(clock.seconds[partOf(network)] ?? 0)} s`;
    report.check(partOf(network), own.rows.length > 0, took);
  });
}
for (const child of comparers) child.close();
if (values.only === undefined && found.length === evaluations.length) {
  await report.guard('page', async () => {
    const page = pageOf({
      evaluations: found,
      derivatives: { sigma: DERIVATIVE_SIGMA, networks: derivatives },
      networks: networks.map((network) => ({ network, sha256: sha256Of(network) })),
      ...{ seconds: clock.seconds, jobs: Number(values.jobs) },
      pictures: quick ? [] : await drawPictures(found),
    });
    if (quick) process.stdout.write(page);
    else writeFileSync(join(root, 'docs/experiments.md'), page);
    const all = Object.values(clock.seconds).reduce((sum, each) => sum + each, 0);
    report.check('page', true, `${Math.round(all)} s in all`);
  });
}
report.close();
