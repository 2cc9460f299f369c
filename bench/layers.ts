/**
 * Where the time of a forward pass goes: `npm run bench:layers -- [NETWORK] [BATCH] [THREADS]`. For each layer its arithmetic, its
 * time, and what share of the micro-kernel's own speed it reaches. Steps are timed one by one, the least of several passes.
 */
import { formatTable } from '../src/cli/shared/formatTable.ts';
import { createModel } from '../src/model/model.ts';
import { setThreads } from '../src/node.ts';
import { type Device, deviceOf } from '../src/tensor/kernels/wasm/device.ts';
import type { Step } from '../src/tensor/kernels/wasm/steps.ts';
import { fromData } from '../src/tensor/tensor.ts';
import { createImages, SIDE } from './images.ts';
import { microKernelSpeed } from './microKernel.ts';
import { type NetworkName, networks } from './networks/index.ts';

const PASSES = 9;

/** Additions and multiplications that a step does. */
function workOf({ kernel, chunks, parameters: p }: Step): number {
  if (kernel === 'dense') return 2 * p.rows * p.outputs * p.depth;
  if (kernel !== 'product') return 0;
  const batches = chunks / (p.rowBlocks * p.columnBlocks);
  return 2 * p.rows * p.columns * p.depth * p.kernelHeight * p.kernelWidth * batches;
}

interface Timed {
  readonly step: Step;
  milliseconds: number;
}

/** Has every step run and timed by itself from now on. */
function timeSteps(device: Device): { readonly steps: Timed[] } {
  const steps: Timed[] = [];
  const compile = device.compile;
  device.compile = (all) => {
    const parts = all.map((each) => {
      const timed: Timed = { step: each, milliseconds: Number.POSITIVE_INFINITY };
      if (each.layer !== undefined) steps.push(timed);
      return { timed, program: compile([each]) };
    });
    return {
      run() {
        for (const { timed, program } of parts) {
          const start = performance.now();
          program.run();
          timed.milliseconds = Math.min(timed.milliseconds, performance.now() - start);
        }
      },
      release() {
        for (const { program } of parts) program.release();
      },
    };
  };
  return { steps };
}

const [network = 'vgg16', batchText = '8', threadsText = '2'] = process.argv.slice(2);
const [batch, threads] = [Number(batchText), Number(threadsText)];
const data = networks[network as NetworkName]?.();
if (data === undefined || !(batch >= 1) || !(threads >= 1)) {
  process.stderr.write(
    `Cannot time the layers: give a network (${Object.keys(networks).join(', ')}), a batch and a number of threads, got ${process.argv.slice(2).join(' ')}\n`,
  );
  process.exit(2);
}
setThreads(threads);
const model = createModel(data);
const device = [...model.data.tensors.values()].map(({ bytes }) => deviceOf(bytes)).find(Boolean);
if (device === undefined) throw new Error('Internal: the weights lie on no device');
const { steps } = timeSteps(device);
const images = fromData(createImages(batch, 0), [batch, 3, SIDE, SIDE]);
for (let pass = 0; pass < PASSES; pass++) await model.run(images);

const peak = microKernelSpeed();
const macs = new Map(model.layers.map(({ tensor, multiplyAdds }) => [tensor, multiplyAdds]));
const sources = new Map(data.nodes.map(({ outputs, inputs }) => [outputs[0], inputs[0]]));
/** Multiply-adds of the layer whose result, perhaps through a fused unit, the tensor is. */
function multiplyAddsOf(tensor: string): number {
  for (
    let at: string | undefined = tensor, hops = 0;
    at !== undefined && hops < 4;
    at = sources.get(at), hops++
  ) {
    if ((macs.get(at) ?? 0) > 0) return macs.get(at) ?? 0;
  }
  return 0;
}

const layers = new Map<string, Timed[]>();
for (const timed of steps) {
  const layer = timed.step.layer as string;
  layers.set(layer, [...(layers.get(layer) ?? []), timed]);
}
let [total, done] = [0, 0];
const rows = [...layers].map(([layer, timed]) => {
  const milliseconds = timed.reduce((sum, each) => sum + each.milliseconds, 0);
  const work = timed.reduce((sum, { step }) => sum + workOf(step), 0);
  const isWinograd = timed.some(({ step }) => step.kernel === 'transformInput');
  const direct = work === 0 ? 0 : 2 * multiplyAddsOf(layer) * batch;
  const inProducts = timed.reduce((sum, each) => sum + (workOf(each.step) > 0 ? each.milliseconds : 0), 0);
  total += milliseconds;
  done += work;
  const speed = (flops: number, ms: number) => (flops > 0 ? (flops / ms / 1e6).toFixed(0) : '');
  return [
    layer,
    isWinograd ? 'F(4×4, 3×3)' : timed[0].step.kernel,
    direct > 0 ? (direct / 1e9).toFixed(2) : '',
    milliseconds.toFixed(2),
    speed(direct, milliseconds),
    speed(work, inProducts),
    work > 0 ? `${((100 * work) / inProducts / 1e6 / (peak * threads)).toFixed(0)} %` : '',
  ];
});
const titles = ['layer', 'by', 'GFLOP', 'ms', 'GFLOP/s', 'in products', 'of the micro-kernel'];
process.stdout.write(
  `${network}, batch ${batch}, ${threads} threads; the micro-kernel alone, on one core: ${peak.toFixed(1)} GFLOP/s\n\n`,
);
process.stdout.write(
  `${formatTable(
    titles.map((title, i) => ({ title, align: i < 2 ? ('left' as const) : ('right' as const) })),
    rows,
  )}\n\n`,
);
process.stdout.write(
  `sum ${total.toFixed(1)} ms, ${(total / batch).toFixed(1)} ms an image; ${(done / total / 1e6).toFixed(1)} GFLOP/s done in all\n`,
);
