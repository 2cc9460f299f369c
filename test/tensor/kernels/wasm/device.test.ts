import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice, deviceOf } from '../../../../src/tensor/kernels/wasm/device.ts';
import { step } from '../../../../src/tensor/kernels/wasm/steps.ts';
import { same } from '../../../support/check.ts';
import { pixelwise } from '../../../support/pixelwise.ts';

const test = suite('device');

const clamp = (pixels: number, a: number, output: number) =>
  step('pointwise', Math.max(1, Math.ceil(pixels / 8)), {
    ...pixelwise('clamp', { pixels, block: 8 }),
    ...{ a, output, low: -1, high: 2 },
  });

test('memory grows, and views from before see what is written after', () => {
  const device = createDevice();
  const at = device.reserve(64);
  const old = device.float32(at, 16);
  old[0] = 1.5;
  const far = device.reserve(1 << 22);
  const now = device.float32(at, 16);
  assert.ok(now.buffer.byteLength > old.buffer.byteLength);
  assert.ok(now.buffer.byteLength >= far + (1 << 22));
  now[1] = 2.5;
  old[2] = 3.5;
  same(now, old);
  same(now.slice(0, 3), [1.5, 2.5, 3.5]);
  device.bytes(far, 1 << 22).fill(1);
});

test('a device is known by any of its views, old or new; other arrays have none', () => {
  const [one, two] = [createDevice(), createDevice()];
  const old = one.bytes(one.reserve(8), 8);
  one.reserve(1 << 20);
  const now = one.float64(one.reserve(8), 1);
  assert.is(deviceOf(old), one);
  assert.is(deviceOf(now), one);
  assert.is(deviceOf(two.float32(two.reserve(4), 1)), two);
  assert.is(deviceOf(new Float32Array(4)), undefined);
  assert.not.equal(one.id, two.id);
});

test('a program that was made before the memory grew runs on after', () => {
  const device = createDevice();
  const [a, output] = [device.reserve(640), device.reserve(640)];
  const program = device.compile([clamp(40, a, output)]);
  const wanted = Float32Array.from({ length: 160 }, (_, i) => Math.min(2, Math.max(-1, (i - 80) / 20)));
  device.reserve(1 << 22);
  device.float32(a, 160).set(Float32Array.from({ length: 160 }, (_, i) => (i - 80) / 20));
  program.run();
  same(device.float32(output, 160).slice(), wanted);
  device.float32(output, 160).fill(0);
  program.run();
  same(device.float32(output, 160).slice(), wanted, 'again');
});

test('steps run in their order, on memory that only the step before has written', () => {
  const device = createDevice();
  const places = Array.from({ length: 6 }, () => device.reserve(64));
  device.float32(places[0], 16).fill(7);
  const steps = places.slice(1).map((to, i) => clamp(4, places[i], to));
  const program = device.compile(steps);
  program.run();
  same(device.float32(places[5], 16).slice(), new Float32Array(16).fill(2));
  program.release();
});

test('a program that is given back leaves its place to others', () => {
  const device = createDevice();
  const before = device.reserve(64);
  const program = device.compile([clamp(4, before, before)]);
  const after = device.reserve(64);
  program.release();
  const again = device.reserve(64);
  assert.ok(again > before && again < after);
});

test('more memory than there can be is an error of the platform, and the device stays usable', () => {
  const device = createDevice();
  assert.throws(
    () => device.reserve(2 ** 40),
    (error: Error) => error instanceof RangeError,
  );
  const at = device.reserve(64);
  device.float32(at, 16).fill(1);
  device.compile([clamp(4, at, at)]).run();
});

test.run();
