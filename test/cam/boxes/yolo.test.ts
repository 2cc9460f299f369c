/** Whole networks of the shapes of YOLOv8 and YOLOv5, as torch exports them: scripts/export_yolo.py makes the fixtures. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import type { DiagonalResult } from '../../../src/autodiff/diagonal/diagonalResult.ts';
import type { PlanName } from '../../../src/autodiff/diagonal/plans.ts';
import { reshape } from '../../../src/autodiff/operations.ts';
import { explain } from '../../../src/cam/explain.ts';
import { questionOf } from '../../../src/cam/question.ts';
import { createScore, scoreNames } from '../../../src/cam/score.ts';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import type { Model } from '../../../src/model/model.ts';
import { loadModel } from '../../../src/node/loadModel.ts';
import { drain } from '../../../src/tensor/drive.ts';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { hostVisits, noVisits } from '../../support/hostVisits.ts';

const test = suite('YOLO');

const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/yolo/${name}`, import.meta.url));

/** A score's function of the default layer of what it reads, or of another. */
async function headOf(model: Model, x: Tensor, { text, layer }: { text: string; layer?: string }) {
  const asked = await scoreFor(model, x, text);
  const question = questionOf(model, asked);
  const run = await model.split(layer, { outputs: question.outputs }).at(x);
  const clean = drain(run.outputsSteps(run.activation));
  const { rows, ...reading } = question.at(clean).reading(asked.class as number);
  const head = (a: Tensor) =>
    rows === undefined ? run.head(a) : reshape(rows(reshape(run.head(a), [1, -1])), [-1]);
  return { head, a: castTo(run.activation, 'float64'), ...reading };
}

type Diagonal = (options: { plan?: PlanName; order: 3 }) => DiagonalResult;

/** Every plan that applies, and the one that is chosen, against jets along each entry. */
function checkPlans(diagonalBy: Diagonal, title: string): void {
  const wanted = diagonalBy({ plan: 'jets', order: 3 });
  const names = wanted.plan.candidates.flatMap(({ name, multiplyAdds }) =>
    Number.isFinite(multiplyAdds) && name !== 'jets' ? [name] : [],
  );
  assert.ok(names.length > 0, title);
  for (const plan of [undefined, ...names]) {
    const got = diagonalBy({ ...(plan && { plan }), order: 3 });
    for (const [r, derivative] of got.derivatives.entries()) {
      close(derivative, wanted.derivatives[r], { relative: 1e-10 }, `${title}, ${plan}, order ${r + 1}`);
    }
  }
}

for (const { kind, layout, row, smooth } of [
  // The width of a box, out of a softmax over distances; an object's share times that of a class.
  {
    ...{ kind: 'v8', layout: 'yolov8', row: 4 },
    smooth: { text: 'output0[0, 2, 70]', layer: '/boxes.1/boxes.1.1/boxes.1.1.2/Mul_output_0' },
  },
  {
    ...{ kind: 'v5', layout: 'yolov5', row: 5 },
    smooth: {
      text: 'output0[0, 40, 4] * output0[0, 40, 6]',
      layer: '/body/rise.1/leave/leave.2/Mul_output_0',
    },
  },
] as const) {
  const model = await loadModel(pathOf(`yolo-${kind}-13.onnx`));
  const shape = model.inputShape;
  const x = fromData(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((7919 * i) % 1009) / 1008),
    shape,
  );
  const wanted = decodeNpy(readFileSync(pathOf(`yolo-${kind}.npy`)));

  test(`${kind}: outputs are torch's`, async () => {
    const { output0 } = await model.run(x);
    close(output0, wanted, { relative: 1e-4 });
  });

  test(`${kind}: nothing goes back to the host between its first kernel and its last, on either way`, () => {
    assert.equal(hostVisits(model.data, shape), noVisits);
  });

  test(`${kind}: derivatives of the box's class by every plan are those of jets`, async () => {
    const { head, a, ending } = await headOf(model, x, { text: 'class:1' });
    for (const name of scoreNames) {
      const score = createScore(name, { classIndex: 1, ending });
      checkPlans((options) => diagonal(head, a, { ...options, score }), name);
    }
  });

  test(`${kind}: so are those of what is smooth in the layer`, async () => {
    const { head, a, score } = await headOf(model, x, smooth);
    checkPlans((options) => diagonal(head, a, { ...options, score }), smooth.text);
  });

  test(`${kind}: the best box of a class is explained by its own logit`, async () => {
    const { data } = contiguous((await model.run(x)).output0);
    const [, first, second] = wanted.shape;
    const [boxes, fields] = kind === 'v8' ? [second, first] : [first, second];
    const at = (box: number, field: number) =>
      data[kind === 'v8' ? field * boxes + box : box * fields + field];
    const rankOf = (box: number) => at(box, row + 1) * (kind === 'v8' ? 1 : at(box, 4));
    const best = Array.from({ length: boxes }, (_, box) => box).reduce((most, box) =>
      rankOf(box) > rankOf(most) ? box : most,
    );
    const asked = await scoreFor(model, x, 'class:1');
    const options = { ...asked, methods: ['gradcam', 'gradcam++', 'layercam'] } as const;
    const { evidence, explained, picked, maps } = await explain(model, x, options);
    const found = picked as { layout: string; box: number[] };
    assert.is(found.layout, layout);
    const [x0, y0, x1, y1] = found.box;
    const [cx, cy, w, h] = [0, 1, 2, 3].map((field) => at(best, field));
    close([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], [cx, cy, w, h], { relative: 1e-6 });
    const logitOf = (p: number) => Math.log(p / (1 - p));
    close([explained.logit], [logitOf(rankOf(best))], { absolute: 1e-4 }, 'what the box is ranked by');
    close([evidence.gradcam.y], [logitOf(at(best, row + 1))], { absolute: 1e-4 }, 'z_c');
    for (const map of Object.values(maps)) assert.ok(contiguous(map.raw).data.some((value) => value > 0));
  });
}

test.run();
