/**
 * In a fresh process: `runOnce ENTRY MODEL THREADS` loads a model, runs one image and prints {loadSeconds, runSeconds, peakBytes}.
 * ENTRY is the built jetgrad/node.
 */
import { pathToFileURL } from 'node:url';
import { peakMemory } from '../process/peakMemory.ts';

const [entry, path, threads] = process.argv.slice(2);
const { loadModel }: typeof import('../../src/node.ts') = await import(pathToFileURL(entry).href);
const start = performance.now();
const model = await loadModel(path, { threads: Number(threads) });
const loaded = performance.now();
const data = new Float32Array(3 * 224 * 224).fill(0.5);
await model.run({ data, shape: [1, 3, 224, 224], stride: [3 * 224 * 224, 224 * 224, 224, 1], offset: 0 });
process.stdout.write(
  JSON.stringify({
    loadSeconds: (loaded - start) / 1e3,
    runSeconds: (performance.now() - loaded) / 1e3,
    peakBytes: peakMemory(),
  }),
);
