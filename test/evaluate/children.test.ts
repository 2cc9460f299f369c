import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { byChildren } from '../../src/evaluate/children.ts';
import { openResultStore } from '../../src/evaluate/queue/resultStore.ts';
import type { EvaluatedModel } from '../../src/evaluate/subject.ts';
import { keyOfPiece, outcomeOf, type Work } from '../../src/evaluate/work.ts';

const test = suite('pieces by children');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-children-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A child that does as the numbers of pieces say: under 9 it ends, as where memory runs out; 50 is a fault of ours; of every piece it says that a quarter is done. */
const script = join(folder, 'child.mjs');
writeFileSync(
  script,
  `import { appendFileSync } from 'node:fs';
process.on('message', (piece) => {
  appendFileSync(process.argv[2], piece + '\\n');
  if (piece === 9) process.exit(1);
  process.send({ share: 0.25 });
  process.send(piece === 50 ? { fault: 'Internal: fifty' } : { answer: piece % 2 ? 'kept' : 'done' });
});`,
);

/** So many pieces of nothing. */
function workOf(count: number, name: string): Work {
  const evaluated = { name: 'm', hash: 'm' } as EvaluatedModel;
  const set = {
    ...{ name, count, nameOf: (index: number) => `p${index}`, hashOf: (index: number) => `h${index}` },
    read: () => assert.unreachable() as never,
  };
  const settings = {
    methods: [],
    metrics: [],
    scores: [],
    sigmas: [],
    samples: [],
    seed: 0,
    layer: undefined,
  };
  return { set, models: [evaluated], settings, store: openResultStore(join(folder, name)), version: '1' };
}

function run(work: Work, jobs: number) {
  const log = join(folder, `${work.set.name}.log`);
  appendFileSync(log, '');
  const done = new Map<number, string>();
  const ended = byChildren(jobs, { file: script, argv: [log] })(work, {
    onDone: (piece, how) => void done.set(piece, how),
  });
  return { done, ended, asked: () => readFileSync(log, 'utf8').trim().split('\n').map(Number) };
}

test('shares of pieces are told by piece', async () => {
  const work = workOf(3, 'shares');
  const log = join(folder, 'shares.log');
  const told: (readonly [number, number])[] = [];
  await byChildren(2, { file: script, argv: [log] })(work, {
    onDone: () => {},
    onShare: (piece, share) => void told.push([piece, share]),
  });
  assert.equal(
    told.sort(([a], [b]) => a - b),
    [0, 1, 2].map((piece) => [piece, 0.25]),
  );
});

test('every piece is asked for once, whoever does it', async () => {
  const { done, ended, asked } = run(workOf(7, 'seven'), 3);
  await ended;
  assert.equal(
    asked().sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(
    [...done.keys()].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal([done.get(2), done.get(3)], ['done', 'kept']);
});

test('a piece under which children end is tried three times, then written down as such; the others go on', async () => {
  const work = workOf(12, 'twelve');
  const { done, ended, asked } = run(work, 2);
  await ended;
  assert.is(asked().filter((piece) => piece === 9).length, 3);
  assert.is(done.size, 12);
  const outcome = outcomeOf(work, 9);
  assert.match(
    outcome !== undefined && 'error' in outcome ? outcome.error : '',
    /ended 3 times, as where memory runs out/,
  );
  assert.not.ok(work.store.has(keyOfPiece(work, 8)));
});

test('a fault of ours ends the run', async () => {
  const work = workOf(60, 'sixty');
  try {
    await run(work, 1).ended;
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /Internal: fifty/);
  }
});

test.run();
