import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jobId } from '../../../src/evaluate/queue/job.ts';
import { jobOptions, openQueue } from '../../../src/evaluate/queue/openQueue.ts';
import { queueAddress } from '../../../src/evaluate/queue/queueAddress.ts';
import { DisagreementError, openResultStore } from '../../../src/evaluate/queue/resultStore.ts';
import { runWorker, type WorkerEvent } from '../../../src/evaluate/queue/runWorker.ts';
import { cancelSet, submitSet } from '../../../src/evaluate/queue/submitSet.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { skip } from '../../support/check.ts';
import { buildPrograms } from './crew.ts';
import { goldenOf, keysOf, setOf } from './golden.ts';
import { type RedisServer, startRedis, whyNoRedis } from './redisServer.ts';

const test = suite('sets by a queue');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-queue-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

test('a server that is not there is said to be so, without the password', async () => {
  const store = openResultStore(join(folder, 'nowhere'));
  const address = queueAddress('redis://user:secret@127.0.0.1:1');
  const job = { set: setOf('nowhere'), keys: keysOf(1) };
  try {
    await submitSet(job, { address, store });
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof InputError);
    assert.match((error as Error).message, /Cannot use --queue redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
    assert.not.match((error as Error).message, /secret/);
  }
});

/** A worker of this process. */
async function workerFor(
  redis: RedisServer,
  { store, argv = [] }: { store: ReturnType<typeof openResultStore>; argv?: readonly string[] },
) {
  const events: WorkerEvent[] = [];
  const stopping = new AbortController();
  const program = { file: (await buildPrograms()).child, argv: ['0', ...argv] };
  const ended = runWorker({
    ...{ address: queueAddress(redis.url), store, program, lockSeconds: 1, signal: stopping.signal },
    // All are brief, however slow the machine.
    brief: Number.POSITIVE_INFINITY,
    onEvent: (event) => events.push(event),
  });
  return { events, ended, stop: () => stopping.abort() };
}

const addTo = (queue: Awaited<ReturnType<typeof openQueue>>, name: string, key: string) =>
  queue.add('picture', { set: setOf(name), key }, { ...jobOptions, jobId: jobId(key) });

const why = whyNoRedis();
const withRedis = (name: string, run: (redis: RedisServer, own: string) => Promise<void>) => {
  if (why !== undefined) {
    skip(`sets by a queue: ${name}`, why);
    return;
  }
  test(name, async () => {
    const own = join(folder, setOf(name).slice(0, 8));
    const redis = await startRedis(join(own, 'redis'), { password: 'secret' });
    try {
      await run(redis, own);
    } finally {
      await redis.kill();
    }
  });
};

withRedis('a wrong password is said to be so', async (redis, own) => {
  const address = queueAddress(redis.url.replace('secret', 'secrete'));
  const job = { set: setOf('a'), keys: keysOf(1) };
  try {
    await submitSet(job, { address, store: openResultStore(own) });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /Cannot use --queue redis:\/\/127.*: .*(WRONGPASS|NOAUTH)/);
    assert.not.match((error as Error).message, /secret/);
  }
});

withRedis('what is settled is not done again, and progress counts keys of the folder', async (redis, own) => {
  const store = openResultStore(own);
  const keys = keysOf(6);
  store.put(keys[2], goldenOf(keys[2]));
  const worker = await workerFor(redis, { store });
  const told: (readonly string[])[] = [];
  const address = queueAddress(redis.url);
  const job = { set: setOf('progress'), keys };
  assert.ok(await submitSet(job, { address, store, onSettled: (settled) => told.push(settled) }));
  assert.equal(told[0], [keys[2]]);
  assert.equal([...told.flat()].sort(), [...keys].sort());
  const done = worker.events.filter(({ kind }) => kind === 'done');
  assert.is(done.length, 5);
  // A queue is not asked where all is settled.
  assert.ok(await submitSet(job, { address: queueAddress('redis://127.0.0.1:1'), store }));
  worker.stop();
  await worker.ended;
});

withRedis('a job with a path, or of another name than its key, is not taken', async (redis, own) => {
  const store = openResultStore(own);
  const [key, other, set] = keysOf(3);
  const queue = await openQueue(queueAddress(redis.url));
  const add = (data: object, id: string) => queue.add('picture', data as never, { ...jobOptions, jobId: id });
  await add({ set, key, path: '/etc/passwd' }, jobId(key));
  await add({ set, key: '../../escape' }, 'p-escape');
  await add({ set, key: other }, 'p-other');
  const worker = await workerFor(redis, { store });
  while (worker.events.length < 3) await setTimeout(10);
  await setTimeout(50);
  assert.ok(worker.events.every(({ kind }) => kind === 'trouble'));
  assert.not(store.has(key) || store.has(other));
  const { failed = 0, waiting = 0, active = 0 } = await queue.getJobCounts();
  assert.equal([failed, waiting, active], [0, 0, 0]);
  worker.stop();
  await worker.ended;
  await queue.close();
});

withRedis('letting go leaves the work to the workers; cancelling ends it', async (redis, own) => {
  const store = openResultStore(own);
  const address = queueAddress(redis.url);
  const job = { set: setOf('cancel'), keys: keysOf(20) };
  const letting = new AbortController();
  const submitted = submitSet(job, { address, store, signal: letting.signal });
  const queue = await openQueue(address);
  while ((await queue.getWaitingCount()) < 20) await setTimeout(10);
  letting.abort();
  assert.not(await submitted);
  assert.is(await queue.getWaitingCount(), 20);
  await cancelSet(job, { address, store });
  assert.is(await queue.getWaitingCount(), 0);
  assert.ok(store.isCancelled(job.set));
  // One that a worker is given all the same is left undone.
  await queue.add(
    'picture',
    { set: job.set, key: job.keys[0] },
    { ...jobOptions, jobId: jobId(job.keys[0]) },
  );
  const worker = await workerFor(redis, { store });
  while (worker.events.length < 1) await setTimeout(10);
  assert.equal(worker.events, [{ kind: 'cancelled', key: job.keys[0] }]);
  await queue.close();
  // Asked for again it is done.
  assert.ok(await submitSet(job, { address, store }));
  worker.stop();
  await worker.ended;
});

withRedis('a worker that finds other bits ends, loudly', async (redis, own) => {
  const store = openResultStore(own);
  const [key] = keysOf(1);
  const never = { ...store, has: () => false };
  store.put(key, goldenOf(key));
  const worker = await workerFor(redis, { store: never, argv: ['', '', key] });
  const queue = await openQueue(queueAddress(redis.url));
  await addTo(queue, 'bits', key);
  try {
    await worker.ended;
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof DisagreementError);
  }
  assert.is(store.disagreements().length, 1);
  await queue.close();
});

withRedis(
  'brief jobs are taken ahead; a worker that is told to end gives them all back',
  async (redis, own) => {
    const store = openResultStore(own);
    const keys = keysOf(8);
    const slow = keys[5];
    const queue = await openQueue(queueAddress(redis.url));
    const data = (key: string) => ({ set: setOf('ahead'), key });
    await queue.addBulk(
      keys.map((key) => ({ name: 'picture', data: data(key), opts: { ...jobOptions, jobId: jobId(key) } })),
    );
    const worker = await workerFor(redis, { store, argv: ['', '', '', slow] });
    while ((await queue.getWaitingCount()) > 1) await setTimeout(10);
    assert.is(await queue.getActiveCount(), 2);
    worker.stop();
    await worker.ended;
    const { active, waiting, delayed } = await queue.getJobCounts();
    assert.equal({ active, waiting, delayed }, { active: 0, waiting: 3, delayed: 0 });
    const attempts = (await queue.getWaiting()).map(({ attemptsMade }) => attemptsMade);
    assert.equal(attempts, [0, 0, 0]);
    await queue.close();
  },
);

withRedis('what ends a worker is no attempt at the job that it has taken ahead', async (redis, own) => {
  const store = openResultStore(own);
  const keys = keysOf(8);
  const wrong = keys[5];
  store.put(wrong, goldenOf(wrong));
  const queue = await openQueue(queueAddress(redis.url));
  for (const key of keys) await addTo(queue, 'broken', key);
  const worker = await workerFor(redis, { store: { ...store, has: () => false }, argv: ['', '', wrong] });
  await worker.ended.then(
    () => assert.unreachable(),
    (error: Error) => assert.ok(error instanceof DisagreementError),
  );
  await setTimeout(100);
  const left = await queue.getJobs(['active', 'waiting', 'delayed', 'failed']);
  assert.equal(
    left.map(({ id, attemptsMade }) => [id, attemptsMade]).sort(),
    keys
      .slice(5)
      .map((key) => [jobId(key), 0])
      .sort(),
  );
  assert.is((await queue.getJobCounts()).active, 2);
  await queue.close();
});

withRedis('a worker that is told to end gives its job back at once', async (redis, own) => {
  const store = openResultStore(own);
  const address = queueAddress(redis.url);
  const [key] = keysOf(1);
  const queue = await openQueue(address);
  await addTo(queue, 'back', key);
  const stopping = new AbortController();
  const program = { file: (await buildPrograms()).child, argv: ['60000'] };
  const events: WorkerEvent[] = [];
  const onEvent = (event: WorkerEvent) => events.push(event);
  const ended = runWorker({ address, store, program, signal: stopping.signal, onEvent });
  while (events.length === 0) await setTimeout(10);
  stopping.abort();
  await ended;
  assert.equal(events, [{ kind: 'begun', key }]);
  const { active, waiting, delayed } = await queue.getJobCounts();
  assert.equal({ active, waiting, delayed }, { active: 0, waiting: 1, delayed: 0 });
  await queue.close();
});

test.run();
