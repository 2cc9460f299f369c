import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { createModel } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';

const test = suite('accumulateSlopes');
const file = (name: string) => readFileSync(new URL(`../fixtures/goldens/${name}`, import.meta.url));
const golden = JSON.parse(file('gelu.json').toString());
const model = createModel(importOnnx(file('gelu.onnx'), { name: 'gelu' }));
const image = fromData(Float64Array.from(golden.input.data as number[]), golden.input.shape);
const layer = golden.activation.tensor as string;

test('Grad-CAM and LayerCAM behind smooth units take one backward pass, and the same map as by order 3', async () => {
  const costs: number[] = [];
  const onPlan = ({ multiplyAdds }: { multiplyAdds: number }) => costs.push(multiplyAdds);
  const shared = { layer, methods: ['gradcam', 'layercam'], class: 1, onPlan } as const;
  const read = await explain(model, image, shared);
  const all = await explain(model, image, { ...shared, derivatives: 'all' });
  assert.is(costs.length, 2);
  assert.ok(costs[0] < costs[1] / 4, `${costs}`);
  for (const method of ['gradcam', 'layercam'] as const) {
    close(read.maps[method].raw.data, all.maps[method].raw.data, { relative: 1e-12 }, method);
  }
});

test('the second and third derivatives are there when they are asked for', async () => {
  const shared = { layer, methods: ['gradcam'], class: 1 } as const;
  const { evidence } = await explain(model, image, shared);
  const { evidence: all } = await explain(model, image, { ...shared, derivatives: 'all' });
  close(evidence.gradcam.d2.data, all.gradcam.d2.data, { relative: 1e-12 }, 'D2');
  close(evidence.gradcam.d3.data, all.gradcam.d3.data, { relative: 1e-12 }, 'D3');
  assert.is(evidence.gradcam.zero, undefined);
});

test('a logit behind piecewise-linear units is still certified flat', async () => {
  const vgg = JSON.parse(file('vgg.json').toString());
  const flat = createModel(importOnnx(file('vgg.onnx'), { name: 'vgg' }));
  const x = fromData(Float64Array.from(vgg.input.data as number[]), vgg.input.shape);
  const { evidence } = await explain(flat, x, { layer: vgg.activation.tensor, methods: ['gradcam'] });
  assert.equal(evidence.gradcam.zero?.orders, [2, 3]);
  same(evidence.gradcam.d2.data, new Float64Array(evidence.gradcam.d2.data.length), 'D2');
});

test('derivatives that do not exist are refused', async () => {
  const wrong = explain(model, image, { derivatives: 'some' as never });
  const message = await wrong.then(
    () => 'nothing',
    (error: Error) => error.message,
  );
  assert.match(message, /derivatives must be 'read' or 'all', got "some"/);
});

test.run();
