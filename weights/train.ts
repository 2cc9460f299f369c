/**
 * Trains the bundled networks by the project's own reverse mode: `npm run train`, or `npm run train -- --only NAME`. Seeded: the same
 * weights to the bit, also when it was stopped on the way and started again. Those that begin from scenes-vgg train at the same time, one
 * on each core. `--out DIR` writes elsewhere; `--check` trains into checkpoints/again unless told where, and says whether the files are
 * those that lie here: exit code 1 if not. `--keep` leaves the state at the end, which a training of all needs when it is started again.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createScene, sceneClasses } from '../src/evaluate/scenes/index.ts';
import { countParameters } from '../src/model/data/parameters.ts';
import { parseModelData } from '../src/model/file/parseModelData.ts';
import { serializeModel } from '../src/model/file/serializeModel.ts';
import { encodePng } from '../src/node/pictures/encodePng.ts';
import { setThreads } from '../src/node.ts';
import { InputError } from '../src/tensor/errors.ts';
import { accuracyLines } from './accuracy.ts';
import { BATCH } from './batches.ts';
import { learned } from './builder.ts';
import { fit } from './fit.ts';
import { networks } from './networks.ts';

/** The network that the others begin from. */
const BASE = 'scenes-vgg';
const bundled = fileURLToPath(new URL('.', import.meta.url));

/** Scenes that training never saw, as pictures beside the networks. */
const samples = [
  { file: 'sample.png', seed: 10_100_005, shown: 'hourglass', count: 3 },
  { file: 'sample-butterflies.png', seed: 10_100_101, shown: 'butterfly', count: 4 },
  { file: 'sample-fish.png', seed: 10_100_200, shown: 'fish', count: 2 },
] as const;

/** Trains a network into a folder. Where it begins from scenes-vgg, that is the one of this folder, or the bundled one if there is none. */
async function train(name: string, out: string): Promise<void> {
  const { build, phases } = networks[name];
  const own = join(out, `${BASE}.json`);
  const first = existsSync(own) ? own : join(bundled, `${BASE}.json`);
  const built = build(() => parseModelData(readFileSync(first, 'utf8')));
  const folder = join(out, 'checkpoints');
  const print = (line: string) => process.stderr.write(`${name}: ${line}\n`);
  print(`${countParameters(built.model, built.parameters)} parameters`);
  const { model, lines, seconds } = fit(built, { phases, folder, print });
  const results = await accuracyLines(model);
  for (const line of results) print(line);
  const { json, files } = serializeModel(model);
  if (files.size > 0) throw new Error('Internal: the bundled weights must fit into the JSON file');
  writeFileSync(join(out, `${name}.json`), json);
  mkdirSync(join(out, 'logs'), { recursive: true });
  const parts = phases.map(({ pictures, steps }) => `${steps} steps of ${BATCH} ${pictures}`).join(', ');
  const head = `${name}: ${countParameters(model, learned(model))} parameters, ${parts}, ${(seconds / 60).toFixed(1)} minutes`;
  writeFileSync(join(out, `logs/${name}.txt`), `${[head, ...lines, ...results].join('\n')}\n`);
}

/** Trains these networks in processes of their own, as many at a time as there are cores. */
async function trainBeside(names: readonly string[], out: string): Promise<void> {
  const waiting = [...names];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const own = ['--only', name, '--out', out, '--keep'];
      const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...own], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`The training of ${name} ended with exit code ${code}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), names.length) }, work));
}

async function trainAll(names: readonly string[], out: string): Promise<void> {
  if (names.length === 1) return train(names[0], out);
  await train(BASE, out);
  await trainBeside(
    names.filter((name) => name !== BASE),
    out,
  );
}

function writeSamples(out: string): void {
  for (const { file, seed, shown, count } of samples) {
    const { pixels, size } = createScene(seed, { classIndex: sceneClasses.indexOf(shown), count });
    const data = new Uint8Array(4 * size * size).fill(255);
    for (let at = 0; at < size * size; at++) {
      for (let c = 0; c < 3; c++) data[4 * at + c] = pixels[c * size * size + at];
    }
    writeFileSync(join(out, file), encodePng({ width: size, height: size, data }));
  }
}

/** Says of each file whether it is the bundled one to the bit, and gives whether all are. */
function compare(out: string, files: readonly string[]): boolean {
  const hashOf = (folder: string, file: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex');
  const unequal = files.filter((file) => {
    const [made, kept] = [hashOf(out, file), hashOf(bundled, file)];
    const told = made === kept ? `equal, sha256 ${made}` : `unequal, sha256 ${made}, bundled ${kept}`;
    process.stdout.write(`${file}: ${told}\n`);
    return made !== kept;
  });
  return unequal.length === 0;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      out: { type: 'string' },
      check: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const names = Object.keys(networks).filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) {
    throw new InputError(
      `Cannot train ${values.only}: --only takes one of ${Object.keys(networks).join(', ')}`,
    );
  }
  const out = resolve(values.out ?? (values.check ? join(bundled, 'checkpoints/again') : bundled));
  if (values.check && out === resolve(bundled)) {
    throw new InputError(`Cannot check ${out} against itself: give --out another folder`);
  }
  mkdirSync(out, { recursive: true });
  setThreads(1);
  await trainAll(names, out);
  if (!values.keep) for (const name of names) rmSync(join(out, `checkpoints/${name}.state`));
  writeSamples(out);
  const files = [...names.map((name) => `${name}.json`), ...samples.map(({ file }) => file)];
  return !values.check || compare(out, files);
}

try {
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
