/** Whole networks of the shapes of YOLOv8 and YOLOv5, as torch exports them: scripts/export_yolo.py makes the fixtures. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../../src/cam/explain.ts';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import { loadModel } from '../../../src/node/loadModel.ts';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { hostVisits, noVisits } from '../../support/hostVisits.ts';

const test = suite('YOLO');

const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/yolo/${name}`, import.meta.url));

for (const { kind, layout, row } of [
  { kind: 'v8', layout: 'yolov8', row: 4 },
  { kind: 'v5', layout: 'yolov5', row: 5 },
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
