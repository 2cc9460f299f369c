import { basename, join } from 'node:path';
import { diagonalAsync } from '../../autodiff/diagonal/diagonal.ts';
import type { DiagonalResult, Plan } from '../../autodiff/diagonal/diagonalResult.ts';
import type { Pruned } from '../../autodiff/diagonal/plan.ts';
import type { PlanName } from '../../autodiff/diagonal/plans.ts';
import { reshape } from '../../autodiff/operations.ts';
import { boxesIn } from '../../cam/boxes/boxQuestion.ts';
import type { BoxLayoutName } from '../../cam/boxes/layouts.ts';
import { type ClassPair, type ClassWanted, pairOf } from '../../cam/contrast.ts';
import { DEQUANTISED, topIndices } from '../../cam/explanation.ts';
import { describePair } from '../../cam/pairText.ts';
import { predictedClass } from '../../cam/predictedClass.ts';
import { type Asked, type Question, questionOf, type Reading } from '../../cam/question.ts';
import { createScore, type NamedScore } from '../../cam/score.ts';
import type { Model } from '../../model/model.ts';
import { modelOf } from '../../model/modelOf.ts';
import type { SplitRun } from '../../model/split.ts';
import { checkOutputs } from '../../node/checkOutputs.ts';
import { computeFacts } from '../../node/computeFacts.ts';
import { packageVersion } from '../../node/ownPackage.ts';
import { staged } from '../../node/stage.ts';
import { drive, rest, type Steps } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import { castTo, contiguous, type DType, type Tensor } from '../../tensor/tensor.ts';
import { type Asking, askingOf } from '../shared/asking.ts';
import { matchWanted } from '../shared/chooseClasses.ts';
import { announcement } from '../shared/estimate.ts';
import type { Io } from '../shared/io.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { classesBy, classesOf, type ModelFlags, pathsRead, readModelWith } from '../shared/openModel.ts';
import { createProgress } from '../shared/progress.ts';
import { readImage, targetOf } from './diagonalInput.ts';

/** The flags of `diagonal`, read. */
export interface DiagonalFlags extends LimitFlags, ModelFlags {
  readonly input: string;
  readonly layer?: string;
  readonly output?: string;
  readonly boxes?: BoxLayoutName;
  readonly mask?: string;
  readonly class?: string;
  readonly score: string;
  readonly order: number;
  readonly plan: PlanName | 'auto' | 'list';
  readonly prune: number;
  readonly memory?: number;
  readonly precision: DType;
  readonly out?: string;
  readonly quiet?: boolean;
}

/** The same, its layer found, and what is asked of the outputs. */
type Settled = DiagonalFlags & {
  readonly layer: string;
  readonly question: Question;
  readonly asking: Asking;
  readonly classIndex: ClassWanted | undefined;
};

function outputNames({ order }: DiagonalFlags): string[] {
  return Array.from({ length: order + 1 }, (_, r) => `${r === 0 ? 'a' : `d${r}`}.npy`);
}

interface Found {
  readonly asked: Asked;
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

/** The head of a reading, and the score of what it gives. */
function readFor(
  run: SplitRun,
  { rows, score, ending }: Reading,
  { pair, name }: { readonly pair: ClassPair; readonly name: NamedScore },
) {
  function* head(a: Tensor): Steps<Tensor> {
    const z = yield* run.headSteps(a);
    return rows === undefined ? z : reshape(rows(reshape(z, [1, -1])), [-1]);
  }
  return { head, score: score ?? createScore(name, { ...pair, ending }) };
}

/** What is asked of the outputs for an input, and the class that the flags name. */
async function questionFor(model: Model, x: Tensor, asking: Asking) {
  const { boxes, options } = asking;
  const own = boxes !== undefined || options.question !== undefined;
  const known = own ? classesBy(model, undefined) : classesOf(model, options.output);
  const [text] = asking.classes ?? [];
  const classIndex = text === undefined ? undefined : matchWanted(text, known);
  if (boxes === undefined) return { question: questionOf(model, options), classIndex };
  const found = await boxesIn(model, castTo(x, 'float32'), { layout: boxes.layout, point: boxes.point });
  const [best] = classIndex === undefined ? topIndices(found.scores, 1) : [classIndex];
  const question = await found.question(typeof best === 'number' ? best : best.of);
  return { question, classIndex: best };
}

/** The part of the work that comes before the derivatives, as progress shows it. */
const BEFORE = 0.1;

async function compute(
  model: Model,
  x: Tensor,
  { flags, io, onPlan }: { flags: Settled; io: Io; onPlan: (plan: Plan) => void },
): Promise<Found> {
  const { precision, order, plan, prune, memory, question, classIndex: wanted } = flags;
  const { outputs } = question;
  const split = model.split(flags.layer, { outputs, trunkPrecision: precision, headPrecision: precision });
  const progress = createProgress(io);
  const started = performance.now();
  try {
    const running = (from: number, weight: number) => ({
      signal: io.signal,
      onProgress: (share: number) => progress.update(from + weight * share, basename(flags.input)),
    });
    const run = await split.at(castTo(x, precision), running(0, BEFORE / 2));
    const clean = await drive(run.outputsSteps(run.activation), running(BEFORE / 2, BEFORE / 2));
    const asked = question.at(clean);
    const logits = contiguous(asked.z).data;
    checkLogits(logits, model);
    const chosen = wanted ?? predictedClass(logits, 'differentiate');
    const pair = pairOf(chosen, logits.length, 'differentiate');
    const { head, score } = readFor(run, asked.reading(pair.classIndex), {
      pair,
      name: flags.asking.options.score as NamedScore,
    });
    const options = { score, order, prune, memory, plan: plan === 'list' ? 'auto' : plan, onPlan } as const;
    const steps = { ...options, ...running(BEFORE, 1 - BEFORE) };
    const result = await diagonalAsync(head, run.activation, steps);
    const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
    return { asked, pair, activation: run.activation, result, seconds };
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
  const { asked, result, seconds } = found;
  const { classIndex, against } = found.pair;
  const { y, plan, kinks, logScale, certificate } = result;
  const { input, layer, score, order, prune, memory, precision } = flags;
  return {
    jetgrad: packageVersion(),
    model: { file: path, name: model.name },
    ...{ input, layer, score, order, prune, memory, precision },
    y,
    ...(asked.hasClasses && {
      logits: Array.from(contiguous(asked.z).data),
      // Of those that are known only to be at least or at most what stands there.
      ...(asked.bounds?.size && { bounds: Object.fromEntries(asked.bounds) }),
      classIndex,
      label: model.labels?.[classIndex],
      against,
    }),
    picked: asked.reading(classIndex).choices,
    plan: plan.name,
    plans: plan.candidates,
    ...{ kinks, logScale, certificate, ...(model.isQuantised && { derivatives: DEQUANTISED }) },
    ...{ ...computeFacts(), seconds },
  };
}

const prunedText = ({ merged, bounds }: Pruned) =>
  `${merged} classes merged; errors of D1, D2, … at most ${bounds.map(formatNumber).join(', ')}`;

function printFound(
  io: Io,
  { labels, isQuantised }: Model,
  { found, flags }: { found: Found; flags: Settled },
): void {
  const { pair, result, seconds } = found;
  const { score } = flags.asking.options;
  const { y, logScale, plan, kinks, certificate } = result;
  const scale = logScale === 0 ? '' : ` · exp(${formatNumber(logScale)})`;
  const lines = {
    ...(typeof score === 'object' ? { score: score.name } : { class: describePair(pair, labels) }),
    y: `${y}${scale}`,
    plan: `${plan.name}: ${plan.why}`,
    certificate: certificate.reason,
    ...(certificate.pruned && { pruned: prunedText(certificate.pruned) }),
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
  const asking = askingOf(model, given);
  const x = readImage(given.input, { model, flags: given, io });
  const { question, classIndex } = await questionFor(model, x, asking);
  const layer = targetOf(model, given.layer, question.outputs);
  const flags = { ...given, asking, question, classIndex, layer };
  const names = outputNames(flags);
  if (out === undefined || flags.plan === 'list') {
    const plan = await planOf(model, x, { flags, io });
    io.print(plan.explain());
    return;
  }
  const outputs = [...names, 'manifest.json'];
  checkOutputs(out, outputs, [...pathsRead(read, flags), ...asking.files.keys(), flags.input]);
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
    printFound(io, model, { found, flags });
  });
  for (const output of outputs) io.print(`${io.colors.dim('written'.padEnd(11))}  ${join(out, output)}`);
}
