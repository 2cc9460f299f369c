import { sum } from '../../autodiff/operations.ts';
import { grad } from '../../autodiff/reverse.ts';
import { isFloat } from '../../layers/types.ts';
import { prepareProgram } from '../../model/run/program.ts';
import { inferShapes } from '../../model/run/shapes.ts';
import type { Shape } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import { derivatives, wantsConstants } from './differentiated.ts';
import { images } from './images.ts';
import {
  beside,
  type Checked,
  evaluateAt,
  evaluateSample,
  holdsFloats,
  networkOf,
  type Sample,
  steers,
  withInput,
  wrongEntry,
} from './sample.ts';

/** What is wrong with a fact of a row at a sample, in words; undefined where the sample does not show whether it holds. */
type FactCheck = (checked: Checked) => readonly string[] | undefined;

/** Shapes of a network; undefined where its operator computes with constants only, and says so. */
function shapesOf({ layers, sample }: Checked, given: (i: number) => boolean) {
  try {
    return inferShapes(prepareProgram(networkOf(sample, given), 'float64', { layers })).shapes;
  } catch (error) {
    if (wantsConstants(error)) return undefined;
    throw error;
  }
}

/** Shapes without values are those with values, and are not told where values decide them. */
const steeredFrom: FactCheck = (checked) => {
  const { row, sample } = checked;
  const found = [(i: number) => !steers(row, i), () => true].map((given) => {
    const shapes = shapesOf(checked, given);
    const isSteered = sample.inputs.some((_, i) => given(i) && steers(row, i));
    return (
      shapes &&
      sample.outputs.flatMap(({ x: { shape } }, i) =>
        wrongShape(shapes.get(`y${i}`), { shape, i, isSteered }),
      )
    );
  });
  const checks = found.filter((each) => each !== undefined);
  return checks.length === 0 ? undefined : checks.flat();
};

function wrongShape(
  told: Shape | undefined,
  { shape, i, isSteered }: { readonly shape: Shape; readonly i: number; readonly isSteered: boolean },
): string[] {
  const what = `steeredFrom: the shape of output ${i}, [${shape}],`;
  if (told === undefined)
    return isSteered ? [] : [`${what} is not told without values, which it is said not to need`];
  return `${told}` === `${shape}` ? [] : [`${what} is told as [${told}] without values`];
}

/** A sample on maps: its tensors of one size become rows of pixels; undefined where that is another question. */
function onMaps(sample: Sample): Sample | undefined {
  const [first] = sample.inputs;
  if (first === undefined || first.x.data.length === 0) return undefined;
  if (first.x.shape.length === 4) return sample;
  const { axis, axes } = sample.attributes;
  const size = contiguous(first.x).data.length;
  const isRow = sample.inputs.every(
    (each) => each === undefined || [1, size].includes(contiguous(each.x).data.length),
  );
  if (!isRow || axis !== undefined || axes !== undefined) return undefined;
  const inputs = sample.inputs.map((each) => {
    if (each === undefined) return undefined;
    const { data } = contiguous(each.x);
    return { ...each, x: fromData(data, data.length === size ? [1, 1, 1, size] : each.x.shape) };
  });
  return { ...sample, inputs };
}

/** What sees a cell alone does not feel its neighbours. */
const sees: FactCheck = ({ row, layers, sample }) => {
  const maps = row.sees === 'cell' ? onMaps(sample) : undefined;
  const input = maps?.inputs[0];
  if (maps === undefined || input === undefined) return undefined;
  const [, channels, height, width] = input.x.shape;
  const area = height * width;
  const moved = fromData(Float64Array.from(contiguous(input.x).data), input.x.shape);
  const shift = isFloat(input.type) ? 1.25 : 1;
  for (let c = 0; c < channels; c++) moved.data[c * area] = shift - moved.data[c * area];
  const [y] = evaluateSample(layers, maps);
  const [z] = evaluateSample(layers, { ...maps, inputs: withInput(maps, 0, moved) });
  if (y.shape.length !== 4 || y.shape[2] !== height || y.shape[3] !== width) return undefined;
  const [before, after] = [contiguous(y).data, contiguous(z).data];
  const felt = before.findIndex((value, i) => i % area !== 0 && !Object.is(after[i], value));
  const place = `(${Math.floor((felt % area) / width)}, ${felt % width})`;
  return felt < 0
    ? []
    : [`sees: a cell is said to see itself alone, and ${place} changes with cell (0, 0) of the input`];
};

/** What renames keeps entries in their order, what rearranges keeps them all. */
const moves: FactCheck = (checked) => {
  const { row, sample } = checked;
  const [input] = sample.inputs;
  if (row.moves === undefined || input === undefined) return undefined;
  const [output] = sample.outputs;
  const [y] = evaluateAt(checked, sample.inputs);
  const [before, after] = [input.x, y].map((x) => Array.from(contiguous(x).data));
  if (row.moves === 'renames') {
    if (before.length !== after.length)
      return [`moves: it is said to rename ${before.length} entries, and gives ${after.length}`];
    // A cast may round: its entries are not those of the input.
    if (!isFloat(output.type) || !isFloat(input.type) || row.straightThrough !== undefined) return [];
    const moved = after.findIndex((value, i) => !Object.is(value, before[i]));
    return moved < 0 ? [] : [`moves: it is said to rename, and entry ${moved} is another: ${after[moved]}`];
  }
  const known = new Set(before);
  const other = after.find((value) => value !== 0 && !known.has(value));
  return other === undefined || sample.op === 'Pad'
    ? []
    : [`moves: it is said to move entries, and gives ${other}, which is none of its input`];
};

/** Inputs that a row says it is affine in, of those that hold floats: one by one, or all at once. */
function affineInputs({ row, sample: { attributes, inputs } }: Checked): number[][] {
  const fact = typeof row.affine === 'function' ? row.affine({ attributes }) : row.affine;
  const floats = inputs.flatMap((input, i) => (holdsFloats(input) && !steers(row, i) ? [i] : []));
  if (fact === undefined) return [];
  if (fact === 'first') return floats.filter((i) => i === 0).map((i) => [i]);
  return fact === 'jointly' ? [floats] : floats.map((i) => [i]);
}

const AFFINE = 1e-12;

/** What is said to be affine takes means to means. */
const affine: FactCheck = (checked) => {
  const { sample } = checked;
  const found = affineInputs(checked).map((which) => {
    const at = (t: number) => {
      const inputs = sample.inputs.map((input, i) =>
        input !== undefined && which.includes(i)
          ? { ...input, x: beside(input.x, 1 + t / 3, t * (1 + i)) }
          : input,
      );
      return contiguous(evaluateAt(checked, inputs)[0]);
    };
    const [before, middle, after] = [at(-1), at(0), at(1)];
    const mean = Float64Array.from(before.data, (value, i) => (value + after.data[i]) / 2);
    const wrong = wrongEntry(fromData(mean, before.shape), middle, { relative: AFFINE, absolute: AFFINE });
    return wrong === undefined
      ? []
      : [
          `affine: it is said to be so in input ${which.join(' and ')}, and takes means to no means: ${wrong}`,
        ];
  });
  return found.length === 0 ? undefined : found.flat();
};

/** A gate has slopes of 0 and 1. */
const gates: FactCheck = (checked) => {
  const { row, sample } = checked;
  const [input] = sample.inputs;
  if (row.gates !== true || input === undefined) return undefined;
  const f = (x: Tensor) => sum(evaluateAt(checked, withInput(sample, 0, x))[0]);
  const slope = contiguous(grad(f)(input.x)).data.find((each) => each !== 0 && each !== 1);
  return slope === undefined ? [] : [`gates: its slopes are said to be 0 or 1, and one is ${slope}`];
};

/** An activation is bounded from below, or falls slowly. */
const activates: FactCheck = (checked) => {
  const { row, sample } = checked;
  const [input] = sample.inputs;
  if (row.activates !== true || input === undefined) return undefined;
  const far = fromData(new Float64Array(contiguous(input.x).data.length).fill(-100), input.x.shape);
  const [y] = evaluateAt(checked, withInput(sample, 0, far));
  const low = contiguous(y).data.find((value) => !(value > -60));
  return low === undefined ? [] : [`activates: it gives ${low} at -100`];
};

/** What a run at a sample shows of a row, by the names of its fields; `derivatives` is of `evaluate`. */
export const factChecks = {
  steeredFrom,
  images,
  sees,
  moves,
  affine,
  gates,
  activates,
  derivatives,
} as const satisfies Readonly<Record<string, FactCheck>>;

/** A fact that runs of an operator show: a field of its row, or `derivatives`. */
export type FactName = keyof typeof factChecks;
