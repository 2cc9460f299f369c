import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStage, openStageAlone, staged } from '../../src/node/stage.ts';

const test = suite('stage');
const root = mkdtempSync(join(tmpdir(), 'jetgrad-stage-'));
const at = (...parts: string[]) => join(root, ...parts);
test.after(() => rmSync(root, { recursive: true, force: true }));

test('files appear together at the end, over those of before', async () => {
  mkdirSync(at('one'));
  writeFileSync(at('one', 'a'), 'old');
  await staged(at('one'), async (stage) => {
    stage.write('a', 'new');
    stage.write('b', [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    assert.is(readFileSync(at('one', 'a'), 'utf8'), 'old');
  });
  assert.equal(readdirSync(at('one')).sort(), ['a', 'b']);
  assert.is(readFileSync(at('one', 'a'), 'utf8'), 'new');
  assert.equal([...readFileSync(at('one', 'b'))], [1, 2, 3]);
});

test('a failure leaves nothing, not even the folders made', async () => {
  const failing = staged(at('x', 'y', 'z'), async (stage) => {
    stage.write('a', 'text');
    throw new Error('no');
  });
  await failing.then(assert.unreachable, ({ message }) => assert.is(message, 'no'));
  assert.not(readdirSync(root).includes('x'));
});

test('folders that others have used stay', () => {
  const stage = openStage(at('p', 'q'));
  writeFileSync(at('p', 'other'), '');
  stage.write('a', 'text');
  stage.close();
  assert.equal(readdirSync(at('p')), ['other']);
});

test('close after commit leaves what was committed', () => {
  const stage = openStage(at('kept'));
  stage.write('a', 'text');
  stage.commit();
  stage.close();
  assert.equal(readdirSync(at('kept')), ['a']);
});

test('a file in the place of a folder is refused', () => {
  writeFileSync(at('file'), '');
  assert.throws(() => openStage(at('file', 'x')), /Cannot write to .*file\/x: .*file is a file/);
});

test('what has no name, and a link that leads nowhere, are no folders', () => {
  assert.throws(() => openStage(''), /Cannot write to "": it names no folder/);
  symlinkSync(at('nowhere'), at('link'));
  for (const folder of [at('link'), at('link', 'below')]) {
    assert.throws(() => openStage(folder), /link is a link to what is not there/);
  }
  mkdirSync(at('nowhere'));
  openStage(at('link')).close();
});

test('several commits: what was committed stays, the rest goes', () => {
  const stage = openStage(at('steps'));
  stage.write('a', 'first');
  stage.commit();
  assert.is(readFileSync(at('steps', 'a'), 'utf8'), 'first');
  stage.write('b', 'second');
  stage.close();
  assert.equal(readdirSync(at('steps')), ['a']);
});

test('the last of several files is taken away before the first is replaced', () => {
  mkdirSync(at('index', 'a'), { recursive: true });
  writeFileSync(at('index', 'list'), 'old');
  const stage = openStage(at('index'));
  stage.write('a', 'new');
  stage.write('list', 'new');
  assert.throws(() => stage.commit(), /a/);
  stage.close();
  assert.equal(readdirSync(at('index')), ['a']);
});

/** The name of a stage that another process made and left when it was killed. */
function deadStage(folder: string): string {
  const made = spawnSync(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    `
      const { openStage } = await import(${JSON.stringify(new URL('../../src/node/stage.ts', import.meta.url).href)});
      openStage(${JSON.stringify(folder)}).write('a', 'half');
      process.kill(process.pid, 'SIGKILL');`,
  ]);
  assert.is(made.signal, 'SIGKILL', String(made.stderr));
  const [name] = readdirSync(folder).filter((each) => each.startsWith('.jetgrad-'));
  return name;
}

test('what dead processes of this machine left is cleared; the stages of others stay', () => {
  const dead = deadStage(at('left'));
  assert.ok(existsSync(at('left', dead, 'a')));
  const [, host, , began, random] = dead.slice(1).split('-');
  const others = [
    `.jetgrad-${host}-${process.ppid}-${began}-${random}`,
    `.jetgrad-00000000-1-1-${random}`,
    `.jetgrad-${random}`,
  ];
  // A process that has the number of one that is no more is not that one.
  const [reused, ...kept] = others;
  for (const each of others) mkdirSync(at('left', each));
  openStage(at('left')).close();
  assert.equal(readdirSync(at('left')).sort(), kept.sort());
  assert.not(existsSync(at('left', reused)));
});

test('two stages of one process do not wait for each other', async () => {
  const options = { onWait: () => assert.unreachable(), signal: undefined };
  const first = await openStageAlone(at('alone'), options);
  const second = await openStageAlone(at('alone'), options);
  second.close();
  first.close();
  assert.not(existsSync(at('alone')));
});

test('a stage waits until other processes have closed theirs, or is given up', async () => {
  const folder = at('shared');
  const dead = deadStage(folder);
  const [, host, , , random] = dead.slice(1).split('-');
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1].split(' ');
  const living = at('shared', `.jetgrad-${host}-${process.ppid}-${stat[19]}-${random}`);
  mkdirSync(living);
  const ended = new AbortController();
  const given = openStageAlone(folder, { onWait: () => ended.abort(), signal: ended.signal });
  await given.then(
    () => assert.unreachable(),
    (error) => assert.is(error.name, 'AbortError'),
  );
  const waits: number[] = [];
  const onWait = (pid: number) => {
    waits.push(pid);
    rmSync(living, { recursive: true });
  };
  const stage = await openStageAlone(folder, { onWait, signal: undefined });
  assert.equal(waits, [process.ppid]);
  assert.is(readdirSync(folder).length, 1);
  stage.close();
});

test.run();
