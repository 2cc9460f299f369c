/** A whole network of the shape of DETR, as torch exports it: scripts/export_detr.py makes the fixture. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findLayout } from '../../../src/cam/boxes/layouts.ts';
import { explain } from '../../../src/cam/explain.ts';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import { loadModel } from '../../../src/node/loadModel.ts';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { hostVisits, noVisits } from '../../support/hostVisits.ts';

const test = suite('DETR');

const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/detr/${name}`, import.meta.url));
const arrayOf = (name: string) => decodeNpy(readFileSync(pathOf(`detr-${name}.npy`)));

const model = await loadModel(pathOf('detr-13.onnx'));
const shape = model.inputShape;
const x = fromData(
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((7919 * i) % 1009) / 1008),
  shape,
);
const [logits, boxes] = [arrayOf('logits'), arrayOf('boxes')];
const [, queries, depth] = logits.shape;
const C = 1;

/** The softmax of a query's row at the class. */
function shareOf(query: number): number {
  const row = Array.from({ length: depth }, (_, c) => Math.exp(contiguous(logits).data[query * depth + c]));
  return row[C] / row.reduce((a, b) => a + b, 0);
}

/** Of the queries of a set the one that is surest of the class. */
const bestOf = (set: readonly number[]) => set.reduce((best, q) => (shareOf(q) > shareOf(best) ? q : best));

/** Left, top, right and bottom in pixels. */
function cornersOf(query: number): number[] {
  const [height, width] = shape.slice(-2);
  const [cx, cy, w, h] = [0, 1, 2, 3].map((i) => contiguous(boxes).data[4 * query + i]);
  return [(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height];
}

const all = Array.from({ length: queries }, (_, q) => q);

test("outputs are torch's", async () => {
  const found = await model.run(x);
  close(found.logits, logits, { relative: 1e-5 });
  close(found.boxes, boxes, { relative: 1e-5 });
});

test('nothing goes back to the host between its first kernel and its last, on either way', () => {
  assert.equal(hostVisits(model.data, shape), noVisits);
});

/** Explains the class, perhaps at a point, and holds the answer against torch's arrays. */
async function checkExplained(query: number, point?: readonly [number, number]): Promise<void> {
  const asked = await scoreFor(model, x, `class:${C}`, { point });
  const methods = ['gradcam', 'layercam'] as const;
  const { evidence, explained, picked, maps, choices } = await explain(model, x, { ...asked, methods });
  const found = picked as { layout: string; box: number[]; score: number };
  assert.is(found.layout, 'detr');
  close(found.box, cornersOf(query), { absolute: 1e-3 });
  const p = shareOf(query);
  close([found.score, explained.logit], [p, Math.log(p / (1 - p))], { absolute: 1e-4 });
  close([evidence.gradcam.y], [contiguous(logits).data[query * depth + C]], { absolute: 1e-4 }, 'z_c');
  assert.equal(choices.layout, { kind: 'NTC', grid: [4, 4], prefix: 0 });
  for (const map of Object.values(maps)) {
    assert.equal(map.raw.shape, [4, 4]);
    assert.ok(contiguous(map.raw).data.some((value) => value > 0));
  }
}

test('the best query of a class is explained by its own logit, on the tokens that it reads', () =>
  checkExplained(bestOf(all)));

test('a point picks the best query whose box holds it', async () => {
  const [left, top, right, bottom] = cornersOf(0);
  const point = [(left + right) / 2, (top + bottom) / 2] as const;
  const holding = all.filter((q) => {
    const [x0, y0, x1, y1] = cornersOf(q);
    return x0 <= point[0] && point[0] <= x1 && y0 <= point[1] && point[1] <= y1;
  });
  const query = bestOf(holding);
  assert.is.not(query, bestOf(all));
  await checkExplained(query, point);
});

test('with three classes boxes are told by their name, wherever they stand', () => {
  const named = (...names: string[]) => names.map((name) => ({ name, shape: [1, 9, 4] }));
  const sides = { height: 64, width: 64, labels: 3 };
  for (const outputs of [named('logits', 'pred_boxes'), named('pred_boxes', 'logits')]) {
    const found = findLayout({ outputs, ...sides });
    assert.is(found?.name, 'detr');
    assert.is(found?.layout.classOf(0, 0).output, 'logits');
  }
});

test.run();
