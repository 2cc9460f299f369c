import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createChild, LostChildError } from '../../src/evaluate/child.ts';

const test = suite('a computing process');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-child-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** One that answers with what it was asked and how many questions it had at once; 9 ends it, -1 is never answered, for 7 it makes the file that it is told of, for 5 it says that half is done. */
const file = join(folder, 'child.mjs');
writeFileSync(
  file,
  `import { writeFileSync } from 'node:fs';
let open = 0;
process.on('message', (question) => {
  if (question === 7) writeFileSync(process.argv[2], '');
  if (question === 9) process.exit(1);
  if (question === 5) process.send({ share: 0.5 });
  open++;
  if (question !== -1) setTimeout(() => process.send({ answer: [question, open--] }), 5);
});`,
);

test('questions are asked one at a time, in their order', async () => {
  const child = createChild<number, [number, number]>({ file, argv: [] });
  const answers = await Promise.all([1, 2, 3].map((question) => child.ask(question)));
  assert.equal(answers, [
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
  child.close();
});

test('what share of a question is done goes to who asked it, and is no answer', async () => {
  const child = createChild<number, [number, number]>({ file, argv: [] });
  const heard: number[] = [];
  const answers = await Promise.all([
    child.ask(1, () => heard.push(1)),
    child.ask(5, (share) => heard.push(share)),
    child.ask(5),
  ]);
  child.close();
  assert.equal(heard, [0.5]);
  assert.equal(
    answers.map(([question]) => question),
    [1, 5, 5],
  );
});

test('the next question is on its way before anything is done with an answer', async () => {
  const sign = join(folder, 'sign');
  const child = createChild<number, [number, number]>({ file, argv: [sign] });
  const first = child.ask(1).then(() => {
    // Nothing else can happen in this process meanwhile.
    for (const until = performance.now() + 20_000; performance.now() < until && !existsSync(sign); );
    return existsSync(sign);
  });
  const next = child.ask(7);
  assert.ok(await first);
  await next;
  child.close();
});

test('who ends it is lost, and nobody who waits', async () => {
  const child = createChild<number, [number, number]>({ file, argv: [] });
  const [before, lost, after] = await Promise.allSettled([1, 9, 2].map((question) => child.ask(question)));
  assert.equal(before, { status: 'fulfilled', value: [1, 1] });
  assert.ok(lost.status === 'rejected' && lost.reason instanceof LostChildError);
  assert.equal(after, { status: 'fulfilled', value: [2, 1] });
  child.close();
});

test('closed, it answers nobody', async () => {
  const child = createChild<number, [number, number]>({ file, argv: [] });
  const asked = [-1, 1].map((question) => child.ask(question));
  await new Promise((resolve) => setTimeout(resolve, 50));
  child.close();
  for (const each of [...asked, child.ask(2)]) {
    await each.then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /was ended/),
    );
  }
});

test.run();
