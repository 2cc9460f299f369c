import { basename, join } from 'node:path';
import { diagonalAsync } from '../../autodiff/diagonal/diagonal.ts';
import type { DiagonalResult, Plan } from '../../autodiff/diagonal/diagonalResult.ts';
import type { PlanName } from '../../autodiff/diagonal/plans.ts';
import { reshape } from '../../autodiff/operations.ts';
import { type ClassPair, pairOf } from '../../cam/contrast.ts';
import { DEQUANTISED } from '../../cam/explanation.ts';
import { predictedClass } from '../../cam/predictedClass.ts';
import { createScore, type NamedScore } from '../../cam/score.ts';
import type { Model } from '../../model/model.ts';
import { modelOf } from '../../model/modelOf.ts';
import { staged } from '../../node/stage.ts';
import { drive, rest } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import { castTo, contiguous, type DType, type Tensor } from '../../tensor/tensor.ts';
import { packageVersion } from '../bundled.ts';
import { checkOutputs } from '../shared/checkOutputs.ts';
import { matchWanted } from '../shared/chooseClasses.ts';
import { computeFacts } from '../shared/computeOptions.ts';
import { announcement, timesOf } from '../shared/estimate.ts';
import { formatNumber } from '../shared/formatTable.ts';
import type { Io } from '../shared/io.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { classesOf, type ModelFlags, pathsRead, readModelWith } from '../shared/openModel.ts';
import { describePair } from '../shared/pairText.ts';
import { createProgress } from '../shared/progress.ts';
import { readImage, targetOf } from './diagonalInput.ts';

/** The flags of `diagonal`, read. */
export interface DiagonalFlags extends LimitFlags, ModelFlags {
  readonly input: string;
  readonly layer?: string;
  readonly class?: string;
  readonly score: NamedScore;
  readonly order: number;
  readonly plan: PlanName | 'auto' | 'list';
  readonly precision: DType;
  readonly out?: string;
  readonly quiet?: boolean;
}

/** The same, its layer found. */
type Settled = DiagonalFlags & { readonly layer: string };

function outputNames({ order }: DiagonalFlags): string[] {
  return Array.from({ length: order + 1 }, (_, r) => `${r === 0 ? 'a' : `d${r}`}.npy`);
}

interface Found {
  readonly pair: ClassPair;
  readonly activation: Tensor;
  readonly result: DiagonalResult<number>;
  readonly seconds: number;
}

/** @throws InputError where there is nothing to differentiate. */
function checkLogits(logits: ArrayLike<number>, model: Model): void {
  if (logits.length === 0) {
    throw new InputError(`Cannot take diagonals of ${model.name}: it has no classes, its logits are empty`);
  }
  const lost = Array.from(logits).findIndex((z) => !Number.isFinite(z));
  if (lost < 0) return;
  throw new InputError(
    `Cannot take diagonals of ${model.name}: its logits must be finite, that of class ${lost} is ${logits[lost]} at this input`,
  );
}

/** The part of the work that comes before the derivatives, as progress shows it. */
const BEFORE = 0.1;

async function compute(
  model: Model,
  x: Tensor,
  { flags, io, onPlan }: { flags: Settled; io: Io; onPlan: (plan: Plan) => void },
): Promise<Found> {
  const { precision, order, plan } = flags;
  const known = classesOf(model);
  const wanted = flags.class === undefined ? undefined : matchWanted(flags.class, known);
  const split = model.split(flags.layer, { trunkPrecision: precision, headPrecision: precision });
  const progress = createProgress(io);
  const started = performance.now();
  try {
    const running = (from: number, weight: number) => ({
      signal: io.signal,
      onProgress: (share: number) => progress.update(from + weight * share, basename(flags.input)),
    });
    const run = await split.at(castTo(x, precision), running(0, BEFORE / 2));
    const head = run.headSteps(run.activation);
    const logits = contiguous(await drive(head, running(BEFORE / 2, BEFORE / 2))).data;
    checkLogits(logits, model);
    const chosen = wanted ?? predictedClass(logits, 'differentiate');
    const pair = pairOf(chosen, logits.length, 'differentiate');
    const score = createScore(flags.score, { ...pair, ending: model.logits.ending });
    const options = { score, order, plan: plan === 'list' ? 'auto' : plan, onPlan } as const;
    const steps = { ...options, ...running(BEFORE, 1 - BEFORE) };
    const result = await diagonalAsync(run.headSteps, run.activation, steps);
    const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
    return { pair, activation: run.activation, result, seconds };
  } finally {
    progress.stop();
  }
}

/** The plan that would be run: the work ends where it is known. */
async function planOf(model: Model, x: Tensor, { flags, io }: { flags: Settled; io: Io }): Promise<Plan> {
  let known: Plan | undefined;
  const enough = new Error('Internal: the plan is known');
  const onPlan = (plan: Plan) => {
    known = plan;
    throw enough;
  };
  try {
    return (await compute(model, x, { flags, io, onPlan })).result.plan;
  } catch (error) {
    if (known === undefined || error !== enough) throw error;
    return known;
  }
}

function manifestOf(model: Model, path: string, { found, flags }: { found: Found; flags: Settled }) {
  const { result, seconds } = found;
  const { classIndex, against } = found.pair;
  const { y, plan, kinks, logScale, certificate, logits } = result;
  const { input, layer, score, order, precision } = flags;
  return {
    jetgrad: packageVersion(),
    model: { file: path, name: model.name },
    ...{ input, layer, score, order, precision },
    y,
    logits: logits && Array.from(contiguous(logits).data),
    classIndex,
    label: model.labels?.[classIndex],
    against,
    plan: plan.name,
    plans: plan.candidates,
    ...{ kinks, logScale, certificate, ...(model.isQuantised && { derivatives: DEQUANTISED }) },
    ...{ ...computeFacts(), seconds },
  };
}

function printFound(io: Io, { labels, isQuantised }: Model, { pair, result, seconds }: Found): void {
  const { y, logScale, plan, kinks, certificate } = result;
  const scale = logScale === 0 ? '' : ` · exp(${formatNumber(logScale)})`;
  const lines = {
    class: describePair(pair, labels),
    y: `${y}${scale}`,
    plan: `${plan.name}: ${plan.why}`,
    certificate: certificate.reason,
    ...(isQuantised && { derivatives: DEQUANTISED }),
    kinks: `${kinks.reluZeros} units at 0, ${kinks.poolTies} ties in pools, ${kinks.other} other`,
    seconds: String(seconds),
  };
  for (const [name, text] of Object.entries(lines)) io.print(`${io.colors.dim(name.padEnd(11))}  ${text}`);
}

/** `jetgrad diagonal`: a.npy and D1 … D3 of a layer, or the plans that would find them. */
export async function runDiagonal(path: string, given: DiagonalFlags, io: Io): Promise<void> {
  const { out } = given;
  if (out === undefined && given.plan !== 'list')
    throw new InputError('Cannot write: give a folder by --out');
  const { data, options, files: read } = await readModelWith(path, given);
  const model = modelOf(data, options);
  await rest(io.signal);
  const flags = { ...given, layer: targetOf(model, given.layer) };
  const x = readImage(flags.input, { model, flags, io });
  const names = outputNames(flags);
  if (out === undefined || flags.plan === 'list') {
    const plan = await planOf(model, x, { flags, io });
    io.print(plan.explain());
    io.print(timesOf(plan));
    return;
  }
  const outputs = [...names, 'manifest.json'];
  checkOutputs(out, outputs, [...pathsRead(read, flags), flags.input]);
  await staged(out, async (stage) => {
    const onPlan = (plan: Plan) => {
      const announced = announcement(plan);
      if (announced !== undefined) io.note(announced);
    };
    const found = await compute(model, x, { flags, io, onPlan });
    const { activation, result } = found;
    const arrays = [activation, ...result.derivatives];
    for (const [i, name] of names.entries()) {
      await rest(io.signal);
      stage.write(name, encodeNpy(castTo(reshape(arrays[i], activation.shape.slice(1)), 'float64')));
    }
    const manifest = manifestOf(model, path, { found, flags });
    stage.write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
    printFound(io, model, found);
  });
  for (const output of outputs) io.print(`${io.colors.dim('written'.padEnd(11))}  ${join(out, output)}`);
}
