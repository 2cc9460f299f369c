import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jobId, readJob } from '../../../src/evaluate/queue/job.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { keysOf } from './golden.ts';

const test = suite('jobs');
const [set, key] = keysOf(2);

test('a set and a key, and nothing else', () => {
  assert.equal(readJob({ set, key }), { set, key });
  assert.is(jobId(key), `p-${key}`);
  const wrong = [
    undefined,
    null,
    'text',
    [],
    {},
    { set },
    { set, key: '../../../etc/passwd' },
    { set, key: key.toUpperCase() },
    { set, key: `${key}0` },
    { set, key: `${key}\n` },
    { set: 1, key },
    { set, key, path: '/etc/passwd' },
  ];
  for (const data of wrong) {
    assert.throws(
      () => readJob(data),
      (error: Error) => error instanceof InputError,
    );
  }
});

test.run();
