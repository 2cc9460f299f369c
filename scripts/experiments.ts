/**
 * Writes docs/experiments.md: `npm run experiments` runs `jetgrad evaluate` and the comparisons of derivatives on generated scenes, by all
 * bundled networks; `-- --quick` does so on a few scenes each and prints the page instead. What was stopped goes on when it is started again.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Summary } from '../src/evaluate/report/summary.ts';
import { loadModel } from '../src/node.ts';
import { derivativeRows } from './experiments/derivatives.ts';
import { type Findings, pageOf } from './experiments/page.ts';
import { derivativeScenes, type Evaluation, evaluations, sweepOf } from './experiments/plan.ts';
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
const report = createReport();

/** The bundled networks, the default one first. */
const networks = readdirSync(join(root, 'weights'))
  .filter((file) => /^scenes-\w[\w-]*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
  .sort((a, b) => Number(b === 'scenes-vgg') - Number(a === 'scenes-vgg') || a.localeCompare(b));
const fileOf = (network: string) => join(root, 'weights', `${network}.json`);

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs `jetgrad evaluate`, or takes up what an earlier run has left. */
function evaluate(evaluation: Evaluation): Summary {
  const out = join(folder, evaluation.name);
  const { sigma, samples, score } = sweepOf(evaluation, quick);
  const models = networks.filter((network) => evaluation.models.includes(network)).map(fileOf);
  const flags = {
    model: models,
    method: evaluation.methods,
    metric: evaluation.metrics,
    ...{ sigma, samples, score },
    jobs: [values.jobs],
    out: [out],
  };
  const scenes = `scenes:${quick ? evaluation.quickScenes : evaluation.scenes}`;
  const list = Object.entries(flags).flatMap(([flag, given]) => [`--${flag}`, given.join(',')]);
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'evaluate', scenes, ...list], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
}

async function compareDerivatives(): Promise<Findings['derivatives']> {
  const settings = { samples: quick ? 3 : 25, sigma: 0.05 };
  const networksOf: Findings['derivatives']['networks'][number][] = [];
  for (const network of networks.filter((each) => each in derivativeScenes)) {
    const scenes = quick ? 1 : derivativeScenes[network];
    const file = join(folder, `derivatives.${network}.json`);
    if (!existsSync(file)) {
      let done = 0;
      const rows = await derivativeRows(await loadModel(fileOf(network)), { ...settings, scenes }, () =>
        say(`derivatives, ${network}: ${++done} of ${scenes} scenes`),
      );
      writeFileSync(file, JSON.stringify(rows));
    }
    networksOf.push({ network, rows: JSON.parse(readFileSync(file, 'utf8')) });
  }
  return { ...settings, networks: networksOf };
}

/** Sheets of the first run, beside the page. */
function copySheets(): string[] {
  const pictures = join(root, 'docs/experiments');
  mkdirSync(pictures, { recursive: true });
  return ['best', 'worst'].flatMap((word) => {
    const from = join(folder, 'methods', `scenes-vgg.label.${word}.png`);
    if (!existsSync(from)) return [];
    copyFileSync(from, join(pictures, `${word}.png`));
    return [`experiments/${word}.png`];
  });
}

mkdirSync(folder, { recursive: true });
const summaries = new Map<string, { evaluation: Evaluation; summary: Summary; minutes: number }>();
for (const evaluation of evaluations) {
  if (values.only !== undefined && values.only !== evaluation.name) continue;
  await report.guard(evaluation.name, async () => {
    say(`${evaluation.name}: ${evaluation.title}`);
    const started = performance.now();
    const summary = evaluate(evaluation);
    summaries.set(evaluation.name, { evaluation, summary, minutes: (performance.now() - started) / 60_000 });
    report.check(
      evaluation.name,
      summary.failed === 0,
      `${summary.pictures} scenes, ${summary.failed} failed`,
    );
  });
}
if (values.only === undefined || values.only === 'derivatives') {
  await report.guard('derivatives', async () => {
    const derivatives = await compareDerivatives();
    report.check('derivatives', derivatives.networks.length > 0, `${derivatives.networks.length} networks`);
    if (values.only !== undefined || summaries.size < evaluations.length) return;
    const page = pageOf({
      evaluations: [...summaries.values()],
      derivatives,
      sheets: quick ? [] : copySheets(),
    });
    if (quick) process.stdout.write(page);
    else writeFileSync(join(root, 'docs/experiments.md'), page);
  });
}
report.close();
