import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { contiguous, type Tensor } from '../../src/tensor/tensor.ts';

type Values = Tensor | ArrayLike<number> | number;

export interface Tolerance {
  /** Allowed error relative to the largest wanted value. */
  readonly relative?: number;
  readonly absolute?: number;
}

const isTensor = (x: Values): x is Tensor => typeof x === 'object' && 'stride' in x;

function valuesOf(x: Values): ArrayLike<number> {
  if (typeof x === 'number') return [x];
  return isTensor(x) ? contiguous(x).data : x;
}

function sameSize(got: Values, wanted: Values, label: string): void {
  if (typeof got !== 'number' && typeof wanted !== 'number' && isTensor(got) && isTensor(wanted)) {
    assert.equal([...got.shape], [...wanted.shape], `${label}: shapes differ`);
  }
  assert.is(valuesOf(got).length, valuesOf(wanted).length, `${label}: lengths differ`);
}

/** Values agree within relative · (largest wanted value) + absolute; NaN agrees with NaN only. */
export function close(
  got: Values,
  wanted: Values,
  { relative = 1e-12, absolute = 0 }: Tolerance,
  label = 'values',
): void {
  sameSize(got, wanted, label);
  const [a, b] = [valuesOf(got), valuesOf(wanted)];
  const largest = Array.from(b).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );
  const allowed = relative * largest + absolute;
  let worst = -1;
  let error = allowed;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(a[i] - b[i]);
    if (Number.isNaN(difference) || difference > error) {
      worst = i;
      error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }
  }
  if (worst >= 0) {
    assert.unreachable(
      `${label}: index ${worst}, got ${a[worst]}, wanted ${b[worst]}, error ${error}, allowed ${allowed}`,
    );
  }
}

/** The same bits: NaN equals NaN, 0 differs from −0. */
export function same(got: Values, wanted: Values, label = 'values'): void {
  sameSize(got, wanted, label);
  const [a, b] = [valuesOf(got), valuesOf(wanted)];
  for (let i = 0; i < b.length; i++) {
    if (!Object.is(a[i], b[i])) assert.unreachable(`${label}: index ${i}, got ${a[i]}, wanted ${b[i]}`);
  }
}

/** Tests that were not run, and why. The runner counts them. */
export const skipped: string[] = [];

export function skip(name: string, why: string): void {
  skipped.push(`${name}: ${why}`);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataRoot = process.env.JETGRAD_DATA ?? join(root, '../shared/data');

/** A path under the third-party data. */
export function data(path: string): string {
  return join(dataRoot, path);
}

export function hasData(path: string): boolean {
  return existsSync(data(path));
}

/** A file that belongs to the tests. */
export function fixture(path: string): string {
  return join(root, 'test/fixtures', path);
}

type Suite = (name: string, run: () => void | Promise<void>) => void;

/** A test that reads third-party data: skipped by name where it is absent. */
export function withData(
  test: Suite,
  path: string,
  name: string,
  run: (path: string) => void | Promise<void>,
): void {
  if (hasData(path)) test(name, () => run(data(path)));
  else skip(name, `${path} is not there`);
}
