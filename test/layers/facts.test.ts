import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerivatives, type DerivativeCheck } from '../../src/autodiff/check.ts';
import { mul, sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { allLayers as layers } from '../../src/layers/more.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { isBatchable } from '../../src/model/run/batchable.ts';
import { evaluate, prepareProgram, type Value } from '../../src/model/run/program.ts';
import { inferShapes } from '../../src/model/run/shapes.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { batchRow } from '../../src/tensor/rows.ts';
import type { Shape } from '../../src/tensor/shape.ts';
import { contiguous, fromData, item, type Tensor } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { evaluateSample, type OperatorSample, operatorSamples } from '../support/operatorSamples.ts';

/** What the rows of operators say of themselves, held against what the operators do, over all operators and their samples. */
const test = suite('facts of operators');

const nameOf = ({ op, opset, attributes }: OperatorSample) => `${op} ${opset} ${JSON.stringify(attributes)}`;
const isFloat = (type: string) => type.startsWith('float');

/** The sample as a network of one node; inputs for which `given` holds are those of the network, the others constants. */
function networkOf(sample: OperatorSample, given: (i: number) => boolean): ModelData {
  const { op, opset, inputs, attributes, outputs } = sample;
  const names = inputs.map((input, i) => (input === undefined ? '' : `x${i}`));
  const tensors = inputs.flatMap((input, i) => {
    if (input === undefined || given(i)) return [];
    const { x } = input;
    const bytes = new Uint8Array(Float64Array.from(contiguous(x).data).buffer);
    return [[names[i], { dtype: 'float64' as const, shape: [...x.shape], bytes }] as const];
  });
  return {
    name: op,
    inputs: inputs.flatMap((input, i) =>
      input !== undefined && given(i)
        ? [{ name: names[i], shape: [...input.x.shape], dtype: input.type }]
        : [],
    ),
    outputs: outputs.map(({ type }, i) => ({ name: `y${i}`, dtype: type })),
    nodes: [{ name: 'node', op, inputs: names, outputs: outputs.map((_, i) => `y${i}`), attributes }],
    tensors: new Map(tensors),
    source: { opset },
  };
}

const steers = ({ steeredFrom }: Layer, i: number) => i >= steeredFrom;

/** Shapes of a network; undefined where its operator computes with constants only, and says so. */
function shapesOf(data: ModelData): ReadonlyMap<string, Shape> | undefined {
  try {
    return inferShapes(prepareProgram(data, 'float64', { layers })).shapes;
  } catch (error) {
    if (error instanceof InputError && error.message.includes('can only be used on constants'))
      return undefined;
    throw error;
  }
}

test('shapes without values are those with values, and are not told where values decide them', () => {
  for (const sample of operatorSamples) {
    const row = layers[sample.op];
    const wanted = sample.outputs.map(({ x }) => x.shape);
    for (const given of [(i: number) => !steers(row, i), () => true]) {
      const shapes = shapesOf(networkOf(sample, given));
      if (shapes === undefined) continue;
      wanted.forEach((shape, i) => {
        const told = shapes.get(`y${i}`);
        if (told !== undefined) assert.equal([...told], [...shape], nameOf(sample));
        else
          assert.ok(
            sample.inputs.some((_, j) => given(j) && steers(row, j)),
            `${nameOf(sample)}: not told`,
          );
      });
    }
  }
});

/** The sample again along its first axis, where a node says which: what is right for another axis may be wrong for that of images. */
function alongImages(sample: OperatorSample): OperatorSample[] {
  const { attributes } = sample;
  const { axis, axes } = attributes;
  return [
    sample,
    ...(typeof axis === 'number' ? [{ ...sample, attributes: { ...attributes, axis: 0 } }] : []),
    ...(Array.isArray(axes) ? [{ ...sample, attributes: { ...attributes, axes: [0] } }] : []),
  ];
}

/** Three images of different values: the first rows of x, turned and shifted. */
function threeImages(x: Tensor): Tensor {
  const { data } = contiguous(x);
  const size = data.length / x.shape[0];
  const images = [0, 1, 2].flatMap((image) =>
    Array.from({ length: size }, (_, i) => data[(i + image) % data.length] * (1 + image / 8)),
  );
  return fromData(Float64Array.from(images), [3, ...x.shape.slice(1)]);
}

test('a batch of three is three alone, where a row says that images stay apart', () => {
  let compared = 0;
  for (const sample of operatorSamples.flatMap(alongImages)) {
    const row = layers[sample.op];
    sample.inputs.forEach((input, image) => {
      if (input === undefined || row.readsShapes === true || steers(row, image)) return;
      if (!isFloat(input.type) || input.x.shape.length === 0) return;
      if (input.x.data.length === 0) return;
      const batch = threeImages(input.x);
      const data = networkOf(sample, (i) => i === image);
      const inputs = [{ ...data.inputs[0], shape: ['N', ...batch.shape.slice(1)] }];
      try {
        const program = prepareProgram({ ...data, inputs } as ModelData, 'float64', { layers });
        if (!isBatchable(program, data.inputs[0].name)) return;
        const run = (x: Tensor) => {
          const value: Value = { tensor: x, type: input.type };
          return evaluate(program, new Map([[data.inputs[0].name, value]]), ['y0']).get('y0')
            ?.tensor as Tensor;
        };
        const together = run(batch);
        for (const n of [0, 1, 2]) {
          same(
            batchRow(together, n),
            run(batchRow(batch, n)),
            `${nameOf(sample)}, input ${image}, image ${n}`,
          );
        }
        compared++;
      } catch (error) {
        if (error instanceof InputError && error.message.includes('can only be used on constants')) return;
        // Axes of a variation may not be there.
        if (operatorSamples.includes(sample) || (error as { code?: string }).code === undefined) throw error;
      }
    });
  }
  assert.ok(compared > 100, `${compared} compared`);
});

/** A sample on maps: its tensors of one size become rows of pixels; undefined where that is another question. */
function onMaps(sample: OperatorSample): OperatorSample | undefined {
  const [first] = sample.inputs;
  if (first === undefined || first.x.data.length === 0) return undefined;
  if (first.x.shape.length === 4) return sample;
  const size = contiguous(first.x).data.length;
  const isRow = sample.inputs.every(
    (each) => each === undefined || [1, size].includes(contiguous(each.x).data.length),
  );
  if (!isRow || sample.attributes.axis !== undefined || sample.attributes.axes !== undefined)
    return undefined;
  const inputs = sample.inputs.map((each) => {
    if (each === undefined) return undefined;
    const { data } = contiguous(each.x);
    return { ...each, x: fromData(data, data.length === size ? [1, 1, 1, size] : each.x.shape) };
  });
  return { ...sample, inputs };
}

test('what sees a cell alone does not feel its neighbours', () => {
  let compared = 0;
  for (const sample of operatorSamples) {
    if (layers[sample.op].sees !== 'cell') continue;
    const maps = onMaps(sample);
    const input = maps?.inputs[0];
    if (maps === undefined || input === undefined) continue;
    const [, channels, height, width] = input.x.shape;
    const moved = fromData(Float64Array.from(contiguous(input.x).data), input.x.shape);
    const shift = isFloat(input.type) ? 1.25 : 1;
    for (let c = 0; c < channels; c++)
      moved.data[c * height * width] = shift - moved.data[c * height * width];
    const [y] = evaluateSample(layers, maps);
    const [z] = evaluateSample(layers, {
      ...maps,
      inputs: [{ ...input, x: moved }, ...maps.inputs.slice(1)],
    });
    if (y.shape.length !== 4 || y.shape[2] !== height || y.shape[3] !== width) continue;
    contiguous(y).data.forEach((value, i) => {
      if (i % (height * width) !== 0) assert.ok(Object.is(contiguous(z).data[i], value), nameOf(sample));
    });
    compared++;
  }
  assert.ok(compared > 50, `${compared} compared`);
});

test('what renames keeps entries in their order, what rearranges keeps them all', () => {
  for (const sample of operatorSamples) {
    const { moves, straightThrough } = layers[sample.op];
    const [input] = sample.inputs;
    const [y] = evaluateSample(layers, sample);
    if (moves === undefined || input === undefined) continue;
    const [before, after] = [input.x, y].map((x) => Array.from(contiguous(x).data));
    if (moves === 'renames') {
      // A cast may round: its entries are those of the sample.
      const wanted = sample.outputs[0].x.data.length;
      assert.is(before.length, wanted, nameOf(sample));
      const isSame = isFloat(sample.outputs[0].type) && isFloat(input.type) && straightThrough === undefined;
      if (isSame) assert.equal(after, before, nameOf(sample));
    } else {
      for (const value of after)
        assert.ok(value === 0 || before.includes(value) || isPadded(sample), nameOf(sample));
    }
  }
});

const isPadded = ({ op }: OperatorSample) => op === 'Pad';

const isRefused = (error: unknown) =>
  error instanceof InputError && /hold that input constant|on constants/.test(error.message);

type Comparisons = DerivativeCheck['comparisons'];

/**
 * Comparisons that cannot hold: differences of values that are rounded are those of another function, and where a scale is held,
 * differences of derivatives are, too.
 */
const leftOut = {
  no: () => false,
  fixed: ({ what }: Comparisons[number]) => /differences of (f|derivative 0)$/.test(what),
  scaled: ({ what }: Comparisons[number]) => what.includes('differences'),
};

/** The first check of derivatives that holds at one of the points, else the last; undefined where f refuses or is not finite. */
function checkSomewhere(
  f: (x: Tensor) => Tensor,
  points: readonly Tensor[],
  isLeftOut: (comparison: Comparisons[number]) => boolean,
): Comparisons | undefined {
  let last: Comparisons | undefined;
  for (const x of points) {
    try {
      if (![x, beside(x, 1, 0.001)].every((each) => Number.isFinite(item(f(each))))) continue;
      last = checkDerivatives(f, x).comparisons.filter((each) => !isLeftOut(each));
    } catch (error) {
      if (isRefused(error)) return undefined;
      throw error;
    }
    if (last.every(({ ok }) => ok)) return last;
  }
  return last;
}

const beside = (x: Tensor, factor: number, shift: number): Tensor =>
  fromData(
    Float64Array.from(contiguous(x).data, (value, i) => value * factor + shift * (1 + i / 7)),
    x.shape,
  );

test('every mode of differentiation agrees at every sample', () => {
  const random = createRandom(4);
  let checked = 0;
  for (const sample of operatorSamples) {
    const row = layers[sample.op];
    sample.inputs.forEach((input, which) => {
      if (input === undefined || !isFloat(input.type) || steers(row, which) || input.x.data.length === 0)
        return;
      const weights = new Map<number, Tensor>();
      const f = (x: Tensor) => {
        const inputs = sample.inputs.map((each, i) => (i === which ? { ...input, x } : each));
        const [y] = evaluateSample(layers, { ...sample, inputs });
        const size = y.shape.reduce((product, length) => product * length, 1);
        const w =
          weights.get(size) ??
          fromData(
            Float64Array.from({ length: size }, () => random.normal()),
            y.shape,
          );
        weights.set(size, w);
        return sum(mul(w, y));
      };
      // A sample may lie at a kink, where differences say nothing: a wrong rule is wrong beside it, too.
      const points = [
        input.x,
        beside(input.x, 0.9, 0.013),
        beside(input.x, 1.03, 0.027),
        beside(input.x, 1.1, 0.31),
        beside(input.x, 0.7, 2.1),
      ];
      const check = checkSomewhere(f, points, leftOut[row.straightThrough ?? 'no']);
      if (check === undefined) return;
      const wrong = check.filter((each) => !each.ok);
      assert.equal(wrong, [], `${nameOf(sample)}, input ${which}`);
      checked++;
    });
  }
  assert.ok(checked > 150, `${checked} checked`);
});

/** Inputs that a row says it is affine in, of those that hold floats: one by one, or all at once. */
function affineInputs(sample: OperatorSample): number[][] {
  const { affine } = layers[sample.op];
  const fact = typeof affine === 'function' ? affine({ attributes: sample.attributes }) : affine;
  const floats = sample.inputs.flatMap((input, i) =>
    input !== undefined && isFloat(input.type) && !steers(layers[sample.op], i) ? [i] : [],
  );
  if (fact === undefined) return [];
  if (fact === 'first') return floats.filter((i) => i === 0).map((i) => [i]);
  return fact === 'jointly' ? [floats] : floats.map((i) => [i]);
}

test('what is said to be affine takes means to means; a gate has slopes of 0 and 1', () => {
  let compared = 0;
  for (const sample of operatorSamples) {
    for (const which of affineInputs(sample)) {
      const at = (t: number) => {
        const inputs = sample.inputs.map((input, i) =>
          input !== undefined && which.includes(i)
            ? { ...input, x: beside(input.x, 1 + t / 3, t * (1 + i)) }
            : input,
        );
        return contiguous(evaluateSample(layers, { ...sample, inputs })[0]).data;
      };
      const [before, middle, after] = [at(-1), at(0), at(1)];
      const mean = Float64Array.from(before, (value, i) => (value + after[i]) / 2);
      close(mean, middle, { relative: 1e-12, absolute: 1e-12 }, `${nameOf(sample)}, inputs ${which}`);
      compared++;
    }
    if (layers[sample.op].gates === true) {
      const [input] = sample.inputs;
      if (input === undefined) continue;
      const f = (x: Tensor) =>
        sum(evaluateSample(layers, { ...sample, inputs: [{ ...input, x }, ...sample.inputs.slice(1)] })[0]);
      for (const slope of contiguous(grad(f)(input.x)).data)
        assert.ok(slope === 0 || slope === 1, nameOf(sample));
    }
  }
  assert.ok(compared > 40, `${compared} compared`);
});

test('an activation is bounded from below, or falls slowly', () => {
  for (const sample of operatorSamples) {
    const [input] = sample.inputs;
    if (layers[sample.op].activates !== true || input === undefined) continue;
    const far = fromData(new Float64Array(contiguous(input.x).data.length).fill(-100), input.x.shape);
    const [y] = evaluateSample(layers, {
      ...sample,
      inputs: [{ ...input, x: far }, ...sample.inputs.slice(1)],
    });
    for (const value of contiguous(y).data) assert.ok(value > -60, `${nameOf(sample)}: ${value} at -100`);
  }
});

test.run();
