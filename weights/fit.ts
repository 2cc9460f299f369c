/** Trains a network by the project's own reverse mode. Started again it goes on where it stopped, with the same bits at the end. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { exp, log, max, mul, neg, sub, sum } from '../src/autodiff/operations.ts';
import { valueAndGrad } from '../src/autodiff/reverse.ts';
import { sceneClasses } from '../src/evaluate/scenes/index.ts';
import { decodeTensor } from '../src/model/data/decode.ts';
import type { ModelData, StoredTensor } from '../src/model/data/format.ts';

import { cosOf } from '../src/tensor/elementary/trigonometric.ts';
import { fromData, item, type Tensor } from '../src/tensor/tensor.ts';
import { batchAt } from './batches.ts';
import { type BatchRun, createBatchRun } from './batchRun.ts';
import { foldNormalizations } from './fold.ts';
import type { Phase } from './networks.ts';

type Parameters = Record<string, Tensor>;

/** All that the next step depends on. */
interface State {
  step: number;
  seconds: number;
  readonly weights: Record<string, Float32Array>;
  /** Decayed means of the gradients and of their squares. */
  readonly means: Record<string, Float32Array>;
  readonly squares: Record<string, Float32Array>;
  readonly lines: string[];
}

const BETA1 = 0.9;
const BETA2 = 0.98;
const EPSILON = 1e-8;
const DECAY = 0.01;
/** Share of each label that is spread over all classes. */
const SMOOTHING = 0.05;
const WARM_UP = 60;
const REPORT = 100;
const SAVE = 100;

/** Mean cross-entropy of logits [N, m] against rows of shares. */
function crossEntropy(logits: Tensor, shares: Tensor): Tensor {
  const shifted = sub(logits, max(logits, [-1], { keepDimensions: true }));
  const logProbability = sub(shifted, log(sum(exp(shifted), [-1], { keepDimensions: true })));
  return mul(1 / logits.shape[0], neg(sum(mul(shares, logProbability))));
}

function sharesOf(classes: readonly number[]): Tensor {
  const m = sceneClasses.length;
  const shares = new Float32Array(classes.length * m).fill(SMOOTHING / m);
  for (const [i, each] of classes.entries()) shares[i * m + each] += 1 - SMOOTHING;
  return fromData(shares, [classes.length, m]);
}

/** Adam with decoupled weight decay, in place. Source: Loshchilov and Hutter 2019, algorithm 2. */
function move(state: State, gradient: Parameters, rate: number): void {
  // Powers by multiplication: the same bits everywhere.
  let [power1, power2] = [1, 1];
  for (let i = 0; i < state.step; i++) [power1, power2] = [power1 * BETA1, power2 * BETA2];
  for (const [name, { data: g, shape }] of Object.entries(gradient)) {
    const [w, m, v] = [state.weights[name], state.means[name], state.squares[name]];
    const kept = shape.length > 1 ? 1 - rate * DECAY : 1;
    for (let i = 0; i < w.length; i++) {
      m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
      v[i] = BETA2 * v[i] + (1 - BETA2) * g[i] * g[i];
      w[i] = kept * w[i] - (rate * (m[i] / (1 - power1))) / (Math.sqrt(v[i] / (1 - power2)) + EPSILON);
    }
  }
}

function start(model: ModelData, names: readonly string[]): State {
  const weights: Record<string, Float32Array> = {};
  const zeros = () => Object.fromEntries(names.map((name) => [name, new Float32Array(weights[name].length)]));
  for (const name of names) {
    weights[name] = Float32Array.from(decodeTensor(model.tensors.get(name) as StoredTensor).data);
  }
  return { step: 0, seconds: 0, weights, means: zeros(), squares: zeros(), lines: [] };
}

function save(path: string, state: State): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, serialize(state));
  renameSync(`${path}.new`, path);
}

/** The kind of pictures of a step, and its rate. */
function planOf(phases: readonly Phase[], step: number): { kind: Phase['pictures']; rate: number } {
  let start = 0;
  for (const { pictures, steps, rates } of phases) {
    if (step < start + steps) {
      const cosine = 0.5 + 0.5 * cosOf((Math.PI * (step - start)) / steps);
      const warm = Math.min(1, (step + 1) / WARM_UP);
      return { kind: pictures, rate: warm * (rates[1] + (rates[0] - rates[1]) * cosine) };
    }
    start += steps;
  }
  throw new Error(`Internal: there is no step ${step}`);
}

/** How to train: in which folder its state and its pictures are kept meanwhile, and who is told. */
export interface FitOptions {
  readonly phases: readonly Phase[];
  readonly folder: string;
  readonly print: (line: string) => void;
}

/** A network with its first weights. */
export interface Untrained {
  readonly model: ModelData;
  readonly parameters: readonly string[];
}

function parametersOf({ model, parameters }: Untrained, weights: State['weights']): Parameters {
  const entries = parameters.map((name): [string, Tensor] => {
    const { shape } = model.tensors.get(name) as StoredTensor;
    return [name, fromData(weights[name].slice(), shape)];
  });
  return Object.fromEntries(entries);
}

/** One step: its loss, and the weights moved. */
function takeStep(
  untrained: Untrained,
  state: State,
  [run, { phases, folder }]: readonly [BatchRun, FitOptions],
): number {
  const { kind, rate } = planOf(phases, state.step);
  const { pictures, classes } = batchAt(state.step, kind, folder);
  const shares = sharesOf(classes);
  const loss = (parameters: Parameters): Tensor => crossEntropy(run(pictures, parameters), shares);
  const { value, gradient } = valueAndGrad(loss)(parametersOf(untrained, state.weights));
  state.step++;
  move(state, gradient, rate);
  return item(value);
}

/** The model with the weights that training gives it, and the lines of its log. */
export function fit(
  untrained: Untrained,
  options: FitOptions,
): { model: ModelData; lines: readonly string[]; seconds: number } {
  const { phases, folder, print } = options;
  const checkpoint = `${folder}/${untrained.model.name}.state`;
  const steps = phases.reduce((sum, phase) => sum + phase.steps, 0);
  const run = createBatchRun(untrained.model);
  const state = existsSync(checkpoint)
    ? (deserialize(readFileSync(checkpoint)) as State)
    : start(untrained.model, untrained.parameters);
  let [total, seen, before] = [0, 0, performance.now()];
  while (state.step < steps) {
    total += takeStep(untrained, state, [run, options]);
    seen++;
    const isLast = state.step === steps;
    if (state.step % REPORT === 0 || isLast) {
      const now = performance.now();
      state.seconds += (now - before) / 1000;
      before = now;
      const { kind } = planOf(phases, state.step - 1);
      const line = `step ${state.step} of ${steps}, ${kind}, mean loss ${(total / seen).toFixed(4)}, ${state.seconds.toFixed(0)} s`;
      [total, seen] = [0, 0];
      state.lines.push(line);
      print(line);
    }
    if (state.step % SAVE === 0 || isLast) save(checkpoint, state);
  }
  const model = foldNormalizations(untrained.model, parametersOf(untrained, state.weights), [run, folder]);
  return { model, lines: state.lines, seconds: state.seconds };
}
