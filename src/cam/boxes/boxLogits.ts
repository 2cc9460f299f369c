import type { Logits } from '../../model/graph/logits.ts';
import type { Model } from '../../model/model.ts';
import type { RunOptions } from '../../model/run/program.ts';
import { expm1Of, expOf } from '../../tensor/elementary/exponential.ts';
import { log1pOf, logOf } from '../../tensor/elementary/logarithm.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Asked } from '../question.ts';
import { probabilities } from '../score.ts';
import type { BoxLayout, EntryOf } from './layouts.ts';
import type { BoxReader } from './readBoxes.ts';
import { type Sources, sourcesOf } from './sources.ts';

/** What the best box of each class is ranked by. */
export interface Ranking {
  readonly scores: Float64Array;
  /** −1 where a class has no box. */
  readonly boxes: Int32Array;
}

/** Logits of what boxes are ranked by, and which of them are known only to be at least or at most that. */
export interface BoxLogits {
  readonly z: Float64Array;
  readonly bounds: NonNullable<Asked['bounds']>;
}

/** How far probabilities may be from those of the logits that they are taken to be of. */
const NEAR = 1e-4;

/** Nearer to 1 than this a share in float32 says its logit to fewer than four digits. */
const NEARLY_ONE = 1 - 2 ** -12;

/** A share that float32 has as 1 is at least 1 − 2^−25, the product of two of them 1 − 2^−24; one that it has as 0 is at most 2^−150. */
const LEAST_OF_ONE = logOf(2 ** 24 - 1);
const MOST_OF_ZERO = -150 * Math.LN2;

/** Which ending makes the probabilities of a box of its logits; undefined where none does. */
export function endingOf(z: Tensor, p: ArrayLike<number>): Logits['ending'] | undefined {
  return (['sigmoid', 'softmax'] as const).find((ending) =>
    probabilities(z, ending).every((each, i) => Math.abs(each - p[i]) <= NEAR),
  );
}

const softplus = (x: number) => Math.max(x, 0) + log1pOf(expOf(-Math.abs(x)));

/** log p/(1 − p) of one of several classes, of their logits: z_c less the log-sum-exp of the others, or z_c itself behind a sigmoid. */
function oddsOf(row: Float64Array, classIndex: number, ending: Logits['ending']): number {
  if (ending !== 'softmax') return row[classIndex];
  const others = row.filter((_, i) => i !== classIndex);
  const most = others.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return row[classIndex] - most - logOf(others.reduce((sum, z) => sum + expOf(z - most), 0));
}

/** log r/(1 − r) of r = σ(class)^α σ(object)^β; σ(object) is 1 where the layout has none. */
function rankLogit(
  ofClass: number,
  ofObject: number | undefined,
  [alpha, beta]: BoxLayout['powers'],
): number {
  if (ofObject === undefined) return ofClass;
  const log = -alpha * softplus(-ofClass) - beta * softplus(-ofObject);
  return log - logOf(-expm1Of(log));
}

/** Reads entries of outputs where they come from, before their sigmoid or softmax: a pass through the network for each tensor, once. */
function createTracer(model: Model, image: Tensor, options: RunOptions) {
  const sources = new Map<string, Promise<Sources>>();
  const values = new Map<string, Promise<ArrayLike<number>>>();
  const sourceOf = (output: string) => {
    const known = sources.get(output) ?? sourcesOf(model, output);
    sources.set(output, known);
    return known;
  };
  const valuesOf = (tensor: string) => {
    const taken = async () =>
      contiguous((await model.split(tensor, { outputs: [tensor] }).at(image, options)).activation).data;
    const known = values.get(tensor) ?? taken();
    values.set(tensor, known);
    return known;
  };
  return async ({ output, at }: EntryOf): Promise<number> => {
    const { tensors, places } = await sourceOf(output);
    let place = places[at];
    for (const { name, size } of tensors) {
      if (place >= 0 && place < size) return (await valuesOf(name))[place];
      place -= size;
    }
    return Number.NaN;
  };
}

/** The logit of a class's best box as the graph has it before any ending; NaN where it does not show it. */
async function trueLogit(
  { box, classIndex }: { readonly box: number; readonly classIndex: number },
  { layout, reader }: { readonly layout: BoxLayout; readonly reader: BoxReader },
  trace: (entry: EntryOf) => Promise<number>,
): Promise<number> {
  const entries = Array.from({ length: layout.classes }, (_, c) => layout.classOf(box, c));
  const isRaw = reader.raw !== undefined;
  const row = Float64Array.from(isRaw ? entries.map(reader.read) : await Promise.all(entries.map(trace)));
  const ending = reader.raw ?? endingOf(fromData(row, [row.length]), reader.classesOf(box));
  const object = layout.objectOf?.(box);
  if (ending === undefined) return Number.NaN;
  const ofClass = oddsOf(row, classIndex, ending);
  if (object === undefined) return rankLogit(ofClass, undefined, layout.powers);
  const isLogit = isRaw && reader.objectOf(box) !== reader.read(object);
  const ofObject = isLogit ? reader.read(object) : await trace(object);
  const fits = Math.abs(1 / (1 + expOf(-ofObject)) - reader.objectOf(box)) <= NEAR;
  return fits ? rankLogit(ofClass, ofObject, layout.powers) : Number.NaN;
}

/**
 * The logits log r/(1 − r) of what the best box of each class is ranked by. Where r is too near to 1 to tell, or 0, they are those of the
 * graph before its sigmoids; where it does not show them, a bound.
 */
export async function boxLogits(
  { scores, boxes }: Ranking,
  seen: { readonly layout: BoxLayout; readonly reader: BoxReader },
  { model, image, options }: { readonly model: Model; readonly image: Tensor; readonly options: RunOptions },
): Promise<BoxLogits> {
  const trace = createTracer(model, image, options);
  const bounds = new Map<number, 'least' | 'most'>();
  const [alpha, beta] = seen.layout.powers;
  const z = Float64Array.from(scores, (r) => logOf(r) - logOf(1 - r));
  for (const [classIndex, r] of scores.entries()) {
    if (r > 0 && r < NEARLY_ONE) continue;
    const box = boxes[classIndex];
    const known = box < 0 ? Number.NaN : await trueLogit({ box, classIndex }, seen, trace);
    if (Number.isFinite(known)) z[classIndex] = known;
    else if (r === 0) {
      z[classIndex] = MOST_OF_ZERO * Math.min(alpha, beta);
      bounds.set(classIndex, 'most');
    } else if (r === 1) {
      z[classIndex] = LEAST_OF_ONE;
      bounds.set(classIndex, 'least');
    }
  }
  return { z, bounds };
}
