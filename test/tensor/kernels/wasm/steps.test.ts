import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernels } from '../../../../src/tensor/kernels/wasm/kernels.ts';
import {
  type KernelName,
  programBytes,
  resetProgram,
  type Step,
  writeProgram,
} from '../../../../src/tensor/kernels/wasm/steps.ts';

const test = suite('steps');

interface Field {
  readonly name: string;
  readonly type: string;
}

const folder = fileURLToPath(new URL('../../../../src/tensor/kernels/assembly/', import.meta.url));
const sources = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(folder + file, 'utf8'));
const program = readFileSync(`${folder}run.ts`, 'utf8');

/** Fields of the module's classes, in order. */
const classes = new Map<string, Field[]>();
for (const source of sources) {
  for (const [, name, body] of source.matchAll(/@unmanaged\s+(?:export )?class (\w+) \{([^}]*)\}/g)) {
    const fields = [...body.matchAll(/^ {2}(\w+): (\w+);$/gm)].map(([, field, type]) => ({
      name: field,
      type,
    }));
    classes.set(name, fields);
  }
}

/** What each number runs, and the class of its parameters. */
const cases = new Map<number, { call: string; parameters: string }>();
for (const [, code, call, parameters] of program.matchAll(
  /case (\d+):\s+return (\w+)\(changetype<(\w+)>\(p\), chunk(?:, thread)?\);/g,
)) {
  cases.set(Number(code), { call, parameters });
}

const floats = new Set(['low', 'high', 'alpha', 'beta', 'divisor', 'epsilon', 'factor']);
const names = Object.keys(kernels) as KernelName[];

test('every number of the module is a kernel, and the other way', () => {
  assert.ok(cases.size > 15, 'the module’s numbers are found');
  assert.equal(
    [...cases.keys()].sort((a, b) => a - b),
    names.map((name) => kernels[name].code).sort((a, b) => a - b),
  );
  assert.is((program.match(/case \d+:/g) ?? []).length, cases.size, 'none is overlooked');
});

for (const name of names) {
  const { code, fields } = kernels[name];
  test(`${name}: its number runs it`, () => {
    const { call = '' } = cases.get(code) ?? {};
    assert.is(call, name);
  });

  test(`${name}: its parameters are the fields of the module’s class, in order, each of its type`, () => {
    const own = classes.get(cases.get(code)?.parameters ?? '') ?? [];
    assert.equal(
      [...fields] as string[],
      own.map((field) => field.name),
    );
    for (const { name: field, type } of own) {
      assert.is(type === 'f32', floats.has(field), `${field} is ${type}`);
      assert.ok(['f32', 'i32', 'usize'].includes(type), `${field} takes four bytes`);
    }
  });
}

test('a program is its number of steps, the steps, then their parameters', () => {
  const fields = (kernel: KernelName, first: number) =>
    Object.fromEntries(kernels[kernel].fields.map((field, i) => [field, first + i]));
  const parts: Step[] = [
    { kernel: 'multiplyPanels', chunks: 5, parameters: fields('multiplyPanels', 100) },
    {
      kernel: 'pointwise',
      chunks: 7,
      parameters: { ...fields('pointwise', 200), low: -0.5, high: Infinity, a: 3e9 },
    },
  ];
  const header = (classes.get('Program')?.length ?? 0) * 4;
  const each = (classes.get('Step')?.length ?? 0) * 4;
  assert.is(programBytes([]), header);
  assert.is(programBytes(parts), header + 2 * each + (8 + kernels.pointwise.fields.length) * 4);
  const buffer = new ArrayBuffer(1024);
  writeProgram(buffer, 64, parts);
  const words = new Int32Array(buffer, 64);
  const reals = new Float32Array(buffer, 64);
  assert.is(words[0], 2);
  const step = (i: number) => [...words.subarray((header + i * each) / 4, (header + (i + 1) * each) / 4)];
  const first = 64 + header + 2 * each;
  assert.equal(step(0), [kernels.multiplyPanels.code, 5, first, 0, 0]);
  assert.equal(step(1), [kernels.pointwise.code, 7, first + 32, 0, 0]);
  const at = (header + 2 * each) / 4;
  assert.equal([...words.subarray(at, at + 8)], [100, 101, 102, 103, 104, 105, 106, 107]);
  assert.is(words[at + 8] >>> 0, 3e9, 'addresses beyond 2 GiB');
  assert.equal([reals[at + 12], reals[at + 13], words[at + 16]], [-0.5, Infinity, 208]);
});

test('a program that is made ready begins anew', () => {
  const step: Step = {
    kernel: 'multiplyPanels',
    chunks: 2,
    parameters: Object.fromEntries(kernels.multiplyPanels.fields.map((field) => [field, 1])),
  };
  const buffer = new ArrayBuffer(512);
  writeProgram(buffer, 0, [step, step]);
  const fresh = new Int32Array(buffer).slice();
  const words = new Int32Array(buffer);
  const order = (classes.get('Step') ?? []).map((field) => field.name);
  assert.equal(order, ['kernel', 'chunks', 'parameters', 'next', 'done']);
  for (const at of [0, 5]) {
    words[1 + at + order.indexOf('next')] = 9;
    words[1 + at + order.indexOf('done')] = 2;
  }
  resetProgram(words, 0, 2);
  assert.equal(words, fresh);
});

test.run();
