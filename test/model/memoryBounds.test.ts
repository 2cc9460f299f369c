import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attributes } from '../../src/model/data/format.ts';
import { createModel, type Model, type ModelOptions } from '../../src/model/model.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { full } from '../../src/tensor/tensor.ts';
import { engines, onEngine } from '../support/backends.ts';
import { same } from '../support/check.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../support/makeModel.ts';

const test = suite('bounds on memory');

const node = (line: string, attributes: Attributes = {}) => parseNode(line, attributes);
const keep = 'Identity x > y';
const graph = (nodes: Parts['nodes'], tensors: Parts['tensors'] = {}) =>
  makeModel({ inputs: { x: [1, 3, 8, 8] }, outputs: ['y'], nodes, tensors });
const huge = integers([1e9]);
const one = floats([1], [1]);
const doubling = Array.from({ length: 29 }, (_, i) =>
  node(`Concat ${i || 'one'} ${i || 'one'} > ${i + 1}`, { axis: 0 }),
);

/** Small graphs that ask for much, and the node that does. */
const bombs: Readonly<Record<string, readonly [ReturnType<typeof graph>, RegExp]>> = {
  'Pad by 10^9': [graph(['Pad x p > y'], { p: integers([0, 0, 0, 0, 0, 0, 0, 1e9]) }), /Pad/],
  'Pad by 10^15': [graph(['Pad x p > y'], { p: integers([0, 0, 0, 0, 0, 0, 0, 1e15]) }), /Pad/],
  'Pad by −10^9': [graph(['Pad x p > y'], { p: integers([0, 0, 0, 0, 0, 0, 0, -1e9]) }), /Pad/],
  'Pad of an empty tensor': [
    graph(['Pad t p > q', keep], { t: floats([0, 1e9], []), p: integers([0, 0, 0, 1]) }),
    /Pad/,
  ],
  'Tile by 10^9': [graph(['Tile one r > q', keep], { one, r: huge }), /Tile/],
  'Tile by −1': [graph(['Tile one r > q', keep], { one, r: integers([-1]) }), /Tile/],
  'Tile of an empty tensor': [graph(['Tile t r > q', keep], { t: floats([0], []), r: huge }), /Tile/],
  'Range to 10^9': [
    graph(['Range a b c > q', keep], { a: integers([0]), b: huge, c: integers([1]) }),
    /Range/,
  ],
  'Range of step 0': [
    graph(['Range a b c > q', keep], { a: integers([0]), b: integers([1]), c: integers([0]) }),
    /Range/,
  ],
  'Split into 10^9': [
    graph([node('Split x > y', { num_outputs: 1e9, axis: 1 })]),
    /10+ parts, and has 1 outputs/,
  ],
  'OneHot of depth 10^9': [
    graph(['OneHot i d v > q', keep], { i: integers([1]), d: huge, v: floats([2], [0, 1]) }),
    /OneHot/,
  ],
  'ConstantOfShape 10^9': [graph(['ConstantOfShape s > q', keep], { s: huge }), /ConstantOfShape/],
  'ConstantOfShape 10^15': [
    graph(['ConstantOfShape s > q', keep], { s: integers([1e15]) }),
    /ConstantOfShape/,
  ],
  'ConstantOfShape −1': [graph(['ConstantOfShape s > q', keep], { s: integers([-1]) }), /ConstantOfShape/],
  'AveragePool with pads of 10^8': [
    graph([node('AveragePool x > y', { kernel_shape: [1, 1], pads: [0, 0, 0, 1e8] })]),
    /AveragePool/,
  ],
  'AveragePool of 10^4 by 10^4': [
    graph([node('AveragePool x > y', { kernel_shape: [1e4, 1e4], pads: [1e4, 1e4, 1e4, 1e4] })]),
    /AveragePool/,
  ],
  'MaxPool with pads of 10^9': [
    graph([node('MaxPool x > y', { kernel_shape: [1, 1], pads: [0, 0, 0, 1e9] })]),
    /MaxPool/,
  ],
  'Conv with pads of 10^9': [
    graph([node('Conv x w > y', { pads: [0, 0, 0, 1e9] })], { w: floats([1, 3, 1, 1], [1, 1, 1]) }),
    /Conv/,
  ],
  'ConvTranspose with strides of 10^9': [
    graph([node('ConvTranspose x w > y', { strides: [1, 1e9] })], { w: floats([3, 1, 1, 1], [1, 1, 1]) }),
    /ConvTranspose/,
  ],
  'Expand to 10^9': [graph(['Expand one s > q', keep], { one, s: huge }), /Expand/],
  'Expand of the image': [graph(['Expand x s > y'], { s: integers([1e9, 1, 1, 1]) }), /Expand/],
  'LRN of size 10^9': [graph([node('LRN x > y', { size: 1e9 })]), /LRN/],
  'Resize by 10^5': [graph(['Resize x _ s > y'], { s: floats([4], [1, 1, 1e5, 1e5]) }), /Resize/],
  'one number doubled 29 times': [graph([...doubling, keep], { one }), /Concat .*constants alone/],
  'the image doubled 29 times': [
    graph(
      Array.from({ length: 29 }, (_, i) =>
        node(`Concat ${i || 'x'} ${i || 'x'} > ${i === 28 ? 'y' : i + 1}`, { axis: 0 }),
      ),
    ),
    /Concat/,
  ],
  'many large tables': [
    makeModel({
      inputs: { x: [1, 1, 1000, 1000] },
      outputs: ['y'],
      nodes: Array.from({ length: 40 }, (_, i) =>
        node(`AveragePool ${i || 'x'} > ${i === 39 ? 'y' : i + 1}`, { kernel_shape: [1, 1] }),
      ),
    }),
    /tables by which the shapes/,
  ],
};

/** Bounds that are reached in little time. */
const small = { maxMemory: 2 ** 24 };

/** What a model is used for: its shapes, or its results. */
const uses: Readonly<Record<string, (data: ReturnType<typeof graph>) => unknown>> = {
  shapes: (data) => createModel(data, small).layers,
  results: (data) => createModel(data, small).run(full([1, 3, 8, 8], 1)),
};

async function refusal(use: () => unknown): Promise<string> {
  try {
    await use();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  return 'taken';
}

for (const [name, [data, says]] of Object.entries(bombs)) {
  for (const [way, use] of Object.entries(uses)) {
    if (name.startsWith('many') && way === 'results') continue; // Results need no tables of their shapes.
    test(`${name}: ${way}`, async () => {
      for (const engine of engines.slice(0, 2)) {
        const message = await refusal(() => onEngine(engine, () => use(data)));
        assert.match(message, says, engine.name);
        assert.match(message, /^Cannot run \w+ "/, engine.name);
      }
    });
  }
}

test('a product of too many factors, and an input that is too large', async () => {
  const of = (...shape: number[]) =>
    createModel(makeModel({ inputs: { x: shape }, outputs: ['y'], nodes: ['ReduceProd x > y'] }), small);
  assert.is(of(1, 1000).layers.length, 1);
  assert.match(await refusal(() => of(1, 2e6).layers), /^Cannot run ReduceProd "/);
  assert.match(
    await refusal(() => of(1, 1e8).layers),
    /^Cannot tell shapes: input x: it asks for 100000000 entries/,
  );
});

test('LRN over more channels than there are is LRN over all of them', async () => {
  const x = { ...full([1, 3, 2, 2], 0), data: Float64Array.from({ length: 12 }, (_, i) => i) };
  const [wanted, got] = await Promise.all(
    [5, 1e6].map(async (size) => {
      const nodes = [node('LRN x > y', { size, alpha: size })];
      const data = makeModel({ inputs: { x: [1, 3, 2, 2] }, outputs: ['y'], nodes });
      return (await createModel(data, small).run(x)).y;
    }),
  );
  same(got, wanted);
});

test('the bound is raised and lowered by maxMemory', async () => {
  const data = graph(['ConstantOfShape s > q', keep], { s: integers([1e6]) });
  const load = (options?: ModelOptions): Model => createModel(data, options);
  assert.is(load().layers.length, 2);
  assert.match(
    await refusal(() => load({ maxMemory: 1e6 })),
    /1000000 entries, .* may have 125000; --max-memory/,
  );
  assert.match(
    await refusal(() => load({ maxMemory: 0 })),
    /maxMemory must be a number of bytes above 0, got 0/,
  );
  const more = graph(['Expand x s > y'], { s: integers([2 ** 21, 1, 1, 1]) });
  assert.match(await refusal(() => createModel(more).layers), /402653184 entries/);
  assert.equal(createModel(more, { maxMemory: 2 ** 32 }).layers[0].shape, [2 ** 21, 3, 8, 8]);
});

test('weights that are made anew several times are no bomb', () => {
  const steps = Array.from({ length: 4 }, (_, i) =>
    node(`Transpose ${i || 'w'} > ${i + 1}`, { perm: [1, 0] }),
  );
  const data = graph([...steps, 'MatMul x 4 > y'], { w: floats([8, 8], new Array<number>(64).fill(1)) });
  // 64 numbers, made anew four times by a table of as many: less than sixteen times, though `folding` is almost nothing here.
  assert.is(createModel(data, { maxMemory: 64 * 8 }).data.nodes.length, 5);
});

test.run();
