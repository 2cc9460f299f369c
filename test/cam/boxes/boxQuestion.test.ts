import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { takeAt } from '../../../src/autodiff/operations.ts';
import { boxesIn } from '../../../src/cam/boxes/boxQuestion.ts';
import { type BoxLayoutName, boxLayoutNames } from '../../../src/cam/boxes/layouts.ts';
import { explain } from '../../../src/cam/explain.ts';
import type { OutputScore, Outputs } from '../../../src/cam/question.ts';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import { moreOperators } from '../../../src/layers/more.ts';
import { createModel, type Model } from '../../../src/model/model.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../../support/makeModel.ts';

const test = suite('boxes');

const numbers = (count: number, at = 0) =>
  Array.from({ length: count }, (_, i) => Math.sin(3 * i * i + i + at));
const image = fromData(Float32Array.from(numbers(3 * 64 * 64)), [1, 3, 64, 64]);
const C = 3;
const strides = [8, 16, 32] as const;

type Made = Pick<Parts, 'nodes' | 'outputs'> & {
  readonly tensors?: Parts['tensors'];
  readonly inner: readonly string[];
};

/** Features of one level: [1, 4, 64/s, 64/s]. */
const level = (s: number) => [parseNode(`AveragePool r > p${s}`, { kernel_shape: [s, s], strides: [s, s] })];

/** A map of `depth` channels for each level, as [1, depth, n] or [1, n, depth]. */
function head(name: string, depth: number, perm?: readonly number[]): Parts['nodes'] {
  return strides.flatMap((s) => [
    `Conv p${s} ${name}w > ${name}${s}`,
    parseNode(`Reshape ${name}${s} flat${depth} > ${name}f${s}`),
    parseNode(`Transpose ${name}f${s} > ${name}t${s}`, { perm: perm ?? [0, 1, 2] }),
  ]);
}

const kernel = (name: string, depth: number, at: number) => ({
  [`${name}w`]: floats(
    [depth, 4, 1, 1],
    numbers(4 * depth, at).map((each) => 3 * each),
  ),
  [`flat${depth}`]: integers([1, depth, -1]),
});

const join = (name: string, axis: number) =>
  parseNode(`Concat ${strides.map((s) => `${name}t${s}`).join(' ')} > ${name}`, { axis });

/** Networks whose outputs are raw boxes, and the tensors whose entries are logits of classes. */
const made: Readonly<Record<BoxLayoutName, Made>> = {
  yolov8: {
    outputs: ['y'],
    inner: strides.map((s) => `c${s}`),
    nodes: [
      ...head('b', 4),
      ...head('c', C),
      join('b', 2),
      join('c', 2),
      'Sigmoid c > s',
      parseNode('Concat b s > y', { axis: 1 }),
    ],
    tensors: { ...kernel('b', 4, 1), ...kernel('c', C, 2) },
  },
  yolox: {
    outputs: ['y'],
    inner: strides.map((s) => `c${s}`),
    nodes: [
      ...[...head('b', 4, [0, 2, 1]), ...head('c', C, [0, 2, 1]), ...head('o', 1, [0, 2, 1])],
      ...[join('b', 1), join('c', 1), join('o', 1), 'Sigmoid c > s', 'Sigmoid o > q'],
      parseNode('Concat b q s > y', { axis: 2 }),
    ],
    tensors: { ...kernel('b', 4, 1), ...kernel('c', C, 2), ...kernel('o', 1, 3) },
  },
  yolov5: {
    outputs: ['y'],
    inner: strides.map((s) => `c${s}`),
    nodes: [
      ...strides.flatMap((s) => [
        `Conv p${s} cw > c${s}`,
        `Sigmoid c${s} > s${s}`,
        `Reshape s${s} anchors > a${s}`,
        parseNode(`Transpose a${s} > v${s}`, { perm: [0, 1, 3, 2] }),
        parseNode(`Split v${s} two > xy${s} k${s}`, { axis: 3 }),
        `Mul xy${s} side > px${s}`,
        parseNode(`Concat px${s} k${s} > w${s}`, { axis: 3 }),
        `Reshape w${s} rows > t${s}`,
      ]),
      parseNode('Concat t8 t16 t32 > y', { axis: 1 }),
    ],
    tensors: {
      ...{
        cw: floats(
          [3 * (5 + C), 4, 1, 1],
          numbers(12 * (5 + C), 2).map((each) => 3 * each),
        ),
      },
      ...{ anchors: integers([1, 3, 5 + C, -1]), rows: integers([1, -1, 5 + C]) },
      ...{ two: integers([4, 1 + C]), side: floats([], [64]) },
    },
  },
  fastestdet: {
    outputs: ['y'],
    inner: ['c'],
    nodes: [
      ...['Conv p8 ow > o', 'Sigmoid o > q', 'Conv p8 bw > b', 'Conv p8 cw > c'],
      parseNode('Transpose c > t', { perm: [0, 3, 2, 1] }),
      parseNode('Softmax t > s', { axis: 3 }),
      parseNode('Transpose s > u', { perm: [0, 3, 2, 1] }),
      parseNode('Concat q b u > y', { axis: 1 }),
    ],
    tensors: { ...kernel('o', 1, 3), ...kernel('b', 4, 1), ...kernel('c', C, 2) },
  },
  yunet: {
    outputs: strides.flatMap((s) => [`cls_${s}`, `obj_${s}`, `bbox_${s}`]),
    inner: strides.map((s) => `c${s}`),
    nodes: [
      ...[...head('b', 4, [0, 2, 1]), ...head('c', 1, [0, 2, 1]), ...head('o', 1, [0, 2, 1])],
      ...strides.flatMap((s) => [
        `Identity bt${s} > bbox_${s}`,
        `Sigmoid ct${s} > cls_${s}`,
        `Sigmoid ot${s} > obj_${s}`,
      ]),
    ],
    tensors: { ...kernel('b', 4, 1), ...kernel('c', 1, 2), ...kernel('o', 1, 3) },
  },
  detr: {
    outputs: ['l', 'k'],
    inner: ['c8'],
    nodes: [
      'Conv p8 cw > c8',
      parseNode(`Reshape c8 flat${C + 1} > cf`),
      parseNode('Transpose cf > l', { perm: [0, 2, 1] }),
      ...[
        'Conv p8 bw > b8',
        'Reshape b8 flat4 > bf',
        parseNode('Transpose bf > bt', { perm: [0, 2, 1] }),
        'Sigmoid bt > k',
      ],
    ],
    tensors: {
      ...kernel('b', 4, 1),
      cw: floats([C + 1, 4, 1, 1], numbers(4 * C + 4, 2)),
      [`flat${C + 1}`]: integers([1, C + 1, -1]),
    },
  },
};

function networkOf(name: BoxLayoutName, labels = name === 'yunet' ? ['face'] : ['a', 'b', 'c']): Model {
  const { nodes, outputs, tensors } = made[name];
  const trunk = [parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }), 'Relu a > r', ...strides.flatMap(level)];
  const data = makeModel({
    inputs: { x: [1, 3, 64, 64] },
    outputs,
    nodes: [...trunk, ...nodes],
    tensors: { w: floats([4, 3, 3, 3], numbers(108)), ...tensors },
  });
  return createModel({ ...data, ...(labels.length > 0 && { labels }) });
}

for (const name of boxLayoutNames) {
  test(`${name}: the layout is recognised, the best box's logits are explained before their ending`, async () => {
    const model = networkOf(name);
    const found = await boxesIn(model, image);
    assert.is(found.layout, name);
    const classIndex = found.scores.length - 1;
    const question = await found.question(classIndex);
    assert.is(question.outputs.length, 1);
    const [tensor] = question.outputs;
    assert.ok(made[name].inner.includes(tensor), tensor);
    const methods = ['gradcam', 'layercam'] as const;
    const explained = await explain(model, image, { class: classIndex, question, methods, layer: 'r' });
    const { box, score } = explained.picked as { box: number[]; score: number };
    close([score], [found.scores[classIndex]], { relative: 1e-12 });
    assert.ok(box.every(Number.isFinite));
    const [x0, y0, x1, y1] = box;
    assert.equal(explained.place, { kind: 'box', box: { y0, x0, y1, x1 }, sides: [64, 64] });
    // The same by hand: a logit of one entry of that tensor is differentiated.
    const run = await model.split('r', { outputs: [tensor] }).at(image);
    const z = run.head(run.activation).data;
    const logit = explained.evidence.gradcam.samples[0].logit;
    const place = Array.from(z).findIndex((each) => Math.abs(each - logit) <= 1e-5 * Math.abs(logit));
    assert.ok(place >= 0, 'the logit is an entry of the tensor');
    const byHand = await explain(model, image, {
      methods,
      layer: 'r',
      score: {
        name: 'hand',
        reads: [tensor],
        at: () => ({ value: (all: Outputs) => takeAt(all[tensor], [place], []) }),
      },
    });
    for (const method of methods) {
      close(explained.maps[method].raw, byHand.maps[method].raw, { relative: 1e-12 });
    }
    const { probability } = explained.evidence.gradcam.samples[0];
    assert.ok(probability > 0 && probability < 1);
    assert.is(explained.top.length, found.scores.length);
    close([explained.explained.probability], [score], { relative: 1e-9 });
  });
}

/** What a network says of a class whose probability is rounded to 1, by what makes its shares of its logits: [1, 2, n]. */
async function saturated(nodes: Parts['nodes'], classIndex: number) {
  const data = makeModel({
    inputs: { x: [1, 3, 64, 64] },
    outputs: ['y'],
    nodes: [
      ...[
        'Conv x w > a',
        'Relu a > r',
        'Conv r bw > b',
        'Conv r cw > c',
        'Reshape c two > cf',
        'Reshape b four > bf',
      ],
      ...nodes,
      parseNode('Concat bf s > y', { axis: 1 }),
    ],
    tensors: {
      w: floats([4, 3, 1, 1], numbers(12)),
      bw: floats([4, 4, 1, 1], numbers(16)),
      cw: floats([2, 4, 1, 1], [40, 10, 20, 40, 0.3, -0.2, 0.1, 0.2]),
      ...{
        two: integers([1, 2, -1]),
        four: integers([1, 4, -1]),
        sixth: floats([], [1 / 6]),
        half: floats([], [0.5]),
      },
      ...{ zero: floats([], [0]), one: floats([], [1]) },
    },
  });
  const model = createModel({ ...data, labels: ['a', 'b'] });
  const asked = await (await boxesIn(model, image, { layout: 'yolov8' })).question(classIndex);
  return explain(model, image, { question: asked, class: classIndex, methods: ['gradcam'] });
}

test('of a box whose probability is rounded to 1 the logit is the graph’s own, or a bound', async () => {
  const { explained, evidence } = await saturated(['Sigmoid cf > s'], 0);
  assert.ok(explained.logit > 17, `${explained.logit}`);
  close([explained.logit], [evidence.gradcam.samples[0].logit], { relative: 1e-6 }, 'what is differentiated');
  assert.is(explained.bound, undefined);
  // No sigmoid is there to be looked behind.
  const { top } = await saturated(['Mul cf sixth > t', 'Add t half > u', 'Clip u zero one > s'], 1);
  const [other] = top;
  assert.is(other.classIndex, 0);
  close([other.logit], [Math.log(2 ** 24 - 1)], { relative: 1e-12 });
  assert.is(other.bound, 'least');
});

test('a point picks the box that holds it; where none does, or no layout is certain, that is said', async () => {
  const model = networkOf('fastestdet');
  const boxOf = async (classIndex: number, point?: readonly [number, number]) => {
    const question = await (await boxesIn(model, image, { point })).question(classIndex);
    const { picked, place } = await explain(model, image, {
      ...{ question, class: classIndex, methods: ['gradcam'] },
    });
    assert.equal(picked?.point, point);
    assert.equal(place?.kind === 'box' && place.point, point);
    return (picked as { box: readonly number[] }).box;
  };
  const [left, top, right, bottom] = await boxOf(0);
  const point = [(left + right) / 2, (top + bottom) / 2] as const;
  const [x0, y0, x1, y1] = await boxOf(1, point);
  assert.ok(x0 <= point[0] && point[0] <= x1 && y0 <= point[1] && point[1] <= y1);
  const refuse = async (f: () => Promise<unknown>, says: RegExp) =>
    f().then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, says),
    );
  await refuse(
    async () => (await boxesIn(model, image, { point: [500, 500] })).question(1),
    /Cannot explain class 1: the picture has no box of it at 500, 500/,
  );
  await refuse(
    () => boxesIn(networkOf('fastestdet', []), image),
    /its outputs y \[1, 8, 8, 8\].* say which by --boxes/,
  );
  assert.is(
    (await boxesIn(networkOf('fastestdet', []), image, { layout: 'fastestdet' })).layout,
    'fastestdet',
  );
  await refuse(() => boxesIn(model, image, { layout: 'yolov8' }), /are not yolov8/);
  await refuse(() => boxesIn(networkOf('yolov8', ['a']), image), /say which by --boxes/);
});

test('a detector that chooses its boxes itself is refused with the way out', async () => {
  const model = createModel(
    makeModel({
      inputs: { x: [1, 3, 64, 64] },
      outputs: ['boxes', 'scores'],
      nodes: [
        ...['Conv x bw > b', 'Conv x cw > c', 'Reshape b fourth > raw', 'Reshape c third > s'],
        parseNode('Transpose raw > all', { perm: [0, 2, 1] }),
        ...['NonMaxSuppression all s most > chosen', 'Gather chosen last > at', 'Reshape s flat > f'],
        ...['Gather f at > scores', 'Reshape all rows > r', 'Gather r at > boxes'],
      ],
      tensors: {
        bw: floats([4, 3, 9, 9], numbers(972)),
        cw: floats([1, 3, 9, 9], numbers(243, 4)),
        ...{ fourth: integers([1, 4, -1]), third: integers([1, 1, -1]), rows: integers([-1, 4]) },
        ...{ most: integers([5]), last: integers([2]), flat: integers([-1]) },
      },
    }),
    { operators: moreOperators },
  );
  for (const score of ['exp', 'class:0']) {
    const refusal = await scoreFor(model, image, score).catch((error: Error) => error);
    assert.instance(refusal, InputError);
    assert.match((refusal as Error).message, /come out of NonMaxSuppression.*raw outputs/);
  }
  const { at } = (await scoreFor(model, image, 'max(c)')).score as OutputScore;
  assert.type(at, 'function');
});

test.run();
