import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

function start(argv: readonly string[], node: readonly string[] = []): Child {
  const child = spawn(process.execPath, [...node, '--import', 'tsx', main, ...argv]);
  const started: Child = {
    process: child,
    code: new Promise((resolve) => child.once('close', resolve)),
    stderr: '',
  };
  child.stderr.on('data', (chunk) => {
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

test('an interruption ends with 130 and leaves nothing behind', async () => {
  const child = start(['explain', picture, '--model', model, '--samples', '100000', '--out', at('a', 'b')]);
  const begun = Date.now();
  while (!existsSync(at('a', 'b')) && Date.now() - begun < 20_000) {
    await new Promise((resume) => setTimeout(resume, 20));
  }
  child.process.kill('SIGINT');
  assert.is(await child.code, 130, child.stderr);
  assert.is(child.stderr, '');
  assert.equal(readdirSync(at()).sort(), ['one.png', 'small.json']);
});

test('files that cannot be written: one line, 1', async () => {
  const child = start(['explain', picture, '--model', model, '--samples', '1', '--out', '/proc/jetgrad']);
  assert.is(await child.code, 1);
  assert.match(child.stderr, /^error: Cannot write \/proc[^\n]*\n$/);
});

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
  const child = start([...argv, '--quiet'], ['--jitless', '--no-expose-wasm']);
  assert.is(await child.code, 1);
  assert.match(
    child.stderr,
    /^error: Cannot draw: WebAssembly is not available here [^\n]*; give Node more memory[^\n]*\n$/,
  );
});

test.run();
