import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal, diagonalAsync } from '../../../src/autodiff/diagonal/diagonal.ts';
import { exp, matmul, sum, tanh } from '../../../src/autodiff/operations.ts';
import { createScore } from '../../../src/cam/score.ts';
import { createModel } from '../../../src/model/model.ts';
import { importOnnx } from '../../../src/onnx/index.ts';
import { setBackend } from '../../../src/tensor/kernels/backend.ts';
import { setThreads } from '../../../src/tensor/kernels/wasm/threads.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { notingCalls } from '../../support/calledThreads.ts';
import { fixture, same } from '../../support/check.ts';

const test = suite('diagonalAsync');
const random = createRandom(5);
const normal = (shape: readonly number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

async function headOf(name: string) {
  const model = createModel(importOnnx(readFileSync(fixture(`goldens/${name}.onnx`))));
  const [, ...shape] = model.inputShape;
  return model.split(model.defaultLayer).at(normal([1, ...shape]));
}

for (const name of ['resnet', 'gelu']) {
  for (const scoreName of ['exp', 'prob'] as const) {
    test(`${name}, ${scoreName}: the same bits as diagonal by every plan, from a head and from its steps`, async () => {
      const { head, headSteps, activation } = await headOf(name);
      const score = createScore(scoreName, { classIndex: 1 });
      for (const plan of ['jets', 'auto'] as const) {
        const wanted = diagonal(head, activation, { score, plan });
        for (const f of [head, headSteps]) {
          const got = await diagonalAsync(f, activation, { score, plan });
          assert.is(got.plan.name, wanted.plan.name);
          assert.equal(got.certificate, wanted.certificate);
          got.derivatives.forEach((d, r) => {
            same(d, wanted.derivatives[r], `${plan}, D${r + 1}`);
          });
        }
      }
    });
  }
}

const [w, v] = [normal([300, 40]), normal([40, 30])];
const smooth = (a: Tensor) => exp(sum(tanh(matmul(tanh(matmul(a, w)), v))));

for (const plan of ['jets', 'auto'] as const) {
  test(`${plan}: progress rises to 1`, async () => {
    const shares: number[] = [];
    await diagonalAsync(smooth, normal([1, 300]), { plan, onProgress: (share) => shares.push(share) });
    assert.ok(shares.length > 10);
    shares.forEach((share, i) => {
      assert.ok(share >= (shares[i - 1] ?? 0) && share <= 1, `${share} after ${shares[i - 1]}`);
    });
    assert.is(shares.at(-1), 1);
  });
}

test('an abort ends it between two steps, with its reason', async () => {
  const controller = new AbortController();
  let steps = 0;
  const onProgress = () => {
    steps++;
    if (steps === 7) controller.abort(new Error('enough'));
  };
  const running = diagonalAsync(smooth, normal([1, 300]), { signal: controller.signal, onProgress });
  assert.match(await running.then(String, String), /enough/);
  assert.is(steps, 7);
});

test('others have the thread while it runs, once it has had it for a while', async () => {
  let hadTurn = false;
  let steps = 0;
  const onProgress = () => {
    if (++steps > 1) return;
    setTimeout(() => {
      hadTurn = true;
    });
    // Longer than it keeps the thread for itself.
    for (const started = performance.now(); performance.now() - started < 100; );
  };
  await diagonalAsync(smooth, normal([1, 300]), { onProgress });
  assert.ok(steps > 1);
  assert.ok(hadTurn);
});

const [point, columns] = [normal([1, 60]), normal([60, 400])];
/** Its products have several chunks. */
const wide = (a: Tensor) => sum(tanh(matmul(a, columns)));
const jets = { plan: 'jets' } as const;

test('it has no more threads than it is told, and the same bits', () =>
  notingCalls(async (called) => {
    const wanted = diagonal(wide, point, jets);
    assert.equal([...called], [1, 2, 3]);
    for (const threads of [1, 2, 4, 99]) {
      called.clear();
      const got = await diagonalAsync(wide, point, { ...jets, threads });
      got.derivatives.forEach((d, r) => {
        same(d, wanted.derivatives[r], `${threads} threads, D${r + 1}`);
      });
      assert.equal([...called], [1, 2, 3].slice(0, threads - 1), `${threads} threads`);
    }
  }));

test('what else computes between its steps has threads of its own number', () =>
  notingCalls(async (called) => {
    let steps = 0;
    const onProgress = () => {
      assert.equal([...called], [], 'its own step');
      if (steps++ > 3) return;
      diagonal(wide, point, jets);
      assert.equal([...called], [1, 2, 3], 'the other');
      called.clear();
    };
    await diagonalAsync(wide, point, { ...jets, threads: 1, onProgress });
    assert.ok(steps > 3);
  }));

const refusal = (threads: number) =>
  diagonalAsync(wide, point, { threads }).then(String, (error: Error) => `${error.name}: ${error.message}`);

test('numbers of threads that cannot be had are refused, naming why', async () => {
  const says = (why: string) =>
    `InputError: Cannot take diagonal on 2 threads: ${why}; leave threads out to compute on one`;
  await notingCalls(async () => {
    for (const none of [0, -1, 1.5, Number.NaN]) {
      assert.is(
        await refusal(none),
        `InputError: Cannot take diagonal: threads must be a whole number of at least 1, got ${none}`,
      );
    }
    setThreads(2, () => undefined);
    assert.is(await refusal(2), says('no others can be started here'));
    assert.not.match(await refusal(1), /InputError/);
    Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false, configurable: true });
    assert.is(await refusal(2), says('this page is not cross-origin isolated'));
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
    setBackend('reference');
    assert.is(await refusal(2), says('the reference kernels have one alone'));
    setBackend('wasm');
  });
});

test('where nothing has said how threads are started, it is said who does', async () => {
  const script = `
    const { diagonalAsync, sum } = await import('./src/core.ts');
    await diagonalAsync((a) => sum(a), [1], { threads: 2 }).catch(({ message }) => console.log(message));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    { cwd: fileURLToPath(new URL('../../..', import.meta.url)) },
  );
  assert.match(
    stdout,
    /on 2 threads: nothing starts others here, as setThreads of jetgrad\/node does in Node;/,
  );
});

test('wrong usage is a rejection', async () => {
  const got = await diagonalAsync((a) => a, normal([2])).catch((error: Error) => error.message);
  assert.match(String(got), /output must be a scalar, got shape \[2\]/);
});

test.run();
