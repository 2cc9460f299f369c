import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { queueAddress } from '../../../src/evaluate/queue/queueAddress.ts';
import { InputError } from '../../../src/tensor/errors.ts';

const test = suite('queueAddress');

test('what keeps the jobs, its address, and what may be shown of it', () => {
  assert.equal(queueAddress('redis://127.0.0.1:6379/2'), {
    keeper: 'redis',
    url: 'redis://127.0.0.1:6379/2',
    shown: 'redis://127.0.0.1:6379',
  });
  assert.is(queueAddress('valkeys://user:secret@queue.example').url, 'rediss://user:secret@queue.example');
  assert.is(queueAddress('valkeys://user:secret@queue.example').shown, 'valkeys://queue.example');
  assert.equal(queueAddress('postgres://user:secret@db:5433/jobs'), {
    keeper: 'postgres',
    url: 'postgres://user:secret@db:5433/jobs',
    shown: 'postgres://db:5433',
  });
});

test('refuses others in words, without the password', () => {
  const refuses = (text: string, words: RegExp) =>
    assert.throws(
      () => queueAddress(text),
      (error: Error) =>
        error instanceof InputError && words.test(error.message) && !error.message.includes('secret'),
    );
  refuses('127.0.0.1:6379', /an address such as redis:/);
  refuses('redsi://u:secret@host', /begin with redis, .*; did you mean "redis"\?/);
  refuses('amqp://u:secret@host', /begin with redis, rediss, valkey, valkeys, postgres, postgresql/);
  refuses('redis://u:secret@host:99999', /it is no address/);
  refuses('redis:///2', /it names no host/);
  refuses('constructor://x', /begin with redis/);
});

test.run();
