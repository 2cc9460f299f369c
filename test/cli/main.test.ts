import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../support/check.ts';
import { createFolder } from './command.ts';

const test = suite('the command as a process');
const { at, modelFile, pictureFile } = createFolder();
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const model = modelFile('small.json');
const picture = pictureFile('one.png', 64, 64);

interface Child {
  readonly code: Promise<number | null>;
  readonly process: ReturnType<typeof spawn>;
  stderr: string;
}

interface Starting {
  /** Options of Node itself. */
  readonly node?: readonly string[];
  readonly stdout?: 'pipe' | number;
}

function start(argv: readonly string[], { node = [], stdout = 'pipe' }: Starting = {}): Child {
  const child = spawn(process.execPath, [...node, '--import', 'tsx', main, ...argv], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  const started: Child = {
    process: child,
    code: new Promise((resolve) => child.once('close', resolve)),
    stderr: '',
  };
  child.stderr?.on('data', (chunk) => {
    started.stderr += chunk;
  });
  return started;
}

test('a reader that leaves early is no failure', async () => {
  const child = start(['inspect', model, '--json']);
  child.process.stdout?.destroy();
  assert.is(await child.code, 0, child.stderr);
  assert.is(child.stderr, '');
});

test('results that cannot be written: one line, 1, and files are written all the same', async () => {
  if (!existsSync('/dev/full')) return skip('a full standard output', 'there is no /dev/full');
  const full = openSync('/dev/full', 'w');
  for (const argv of [
    ['inspect', model],
    ['explain', picture, '--model', model, '--quiet', '--out', at('full')],
  ]) {
    const child = start(argv, { stdout: full });
    assert.is(await child.code, 1);
    assert.is(child.stderr, 'error: Cannot write to the standard output: no space left on device\n');
  }
  closeSync(full);
  assert.ok(existsSync(at('full', 'manifest.json')));
});

test('files that cannot be written: one line, 1', async () => {
  const child = start(['explain', picture, '--model', model, '--samples', '1', '--out', '/proc/jetgrad']);
  assert.is(await child.code, 1);
  assert.match(child.stderr, /^error: Cannot write \/proc[^\n]*\n$/);
});

/** Flags under which this Node has no WebAssembly: releases differ. */
function withoutWasm(): string[] {
  const candidates = [['--jitless', '--no-expose-wasm'], ['--jitless']];
  const probe = ['-e', 'process.exit(typeof WebAssembly === "undefined" ? 0 : 1)'];
  const found = candidates.find((flags) => spawnSync(process.execPath, [...flags, ...probe]).status === 0);
  assert.ok(found, 'no flags take WebAssembly away');
  return found;
}

test('without WebAssembly nothing is drawn: one line, 1', async () => {
  const argv = [
    'explain',
    picture,
    '--model',
    model,
    '--samples',
    '1',
    '--method',
    'gradcam',
    '--out',
    at('c'),
  ];
  const child = start([...argv, '--quiet'], { node: withoutWasm() });
  assert.is(await child.code, 1);
  assert.match(
    child.stderr,
    /^error: Cannot draw: WebAssembly is not available here [^\n]*; give Node more memory[^\n]*\n$/,
  );
});

test.run();
