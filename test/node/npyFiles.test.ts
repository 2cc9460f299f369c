import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadNpy, saveNpy } from '../../src/node/npyFiles.ts';
import { asTensor, tensor } from '../../src/tensor/tensor.ts';
import { createFolder } from '../cli/command.ts';
import { same } from '../support/check.ts';

const test = suite('npy files');
const { at } = createFolder();

test('what is saved is loaded again, in folders that are made', async () => {
  const strided = { data: Float32Array.of(1, 2, 3, 4), shape: [2], stride: [2], offset: 1 };
  for (const x of [
    tensor([
      [1, -0],
      [Number.NaN, 3],
    ]),
    asTensor(strided),
    tensor(5),
    tensor([], [0, 2]),
  ]) {
    await saveNpy(at('deep', 'x.npy'), x);
    const back = await loadNpy(at('deep', 'x.npy'));
    same(back, x);
    assert.is(back.dtype, x.dtype);
    assert.equal([...back.shape], [...x.shape]);
  }
  assert.equal(readdirSync(at('deep')), ['x.npy']);
  rmSync(at('deep'), { recursive: true });
});

test('what is no tensor, no path or no file is refused in words', async () => {
  const refusal = (run: Promise<unknown>) => run.then(String, ({ message }) => message);
  assert.match(
    await refusal(saveNpy(at('x.npy'), 'x' as never)),
    /Cannot save the tensor: a tensor is wanted/,
  );
  assert.match(await refusal(saveNpy(5 as never, 1)), /the path of a file is wanted, as a text, got 5/);
  assert.match(await refusal(loadNpy(join(at('.'), 'none.npy'))), /none\.npy/);
  assert.equal(readdirSync(at('.')), []);
});

test.run();
