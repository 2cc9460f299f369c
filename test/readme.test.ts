import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('README');
const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);

const entries: Readonly<Record<string, string>> = {
  jetgrad: 'src/index.ts',
  'jetgrad/core': 'src/core.ts',
  'jetgrad/node': 'src/node.ts',
  'jetgrad/onnx': 'src/onnx/index.ts',
};

/** Runs a block as a user would, with the package's entries taken from the sources; gives what it printed. */
async function run(code: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-readme-'));
  const printed: string[] = [];
  const { log } = console;
  const linked = code
    .replace(
      /from '(jetgrad[^']*)'/g,
      (_, entry: string) => `from '${pathToFileURL(join(root, entries[entry])).href}'`,
    )
    .replaceAll("'weights/", `'${root}weights/`)
    .replaceAll("'jetgrad-out/", `'${folder}/`);
  const file = join(folder, 'block.mts');
  writeFileSync(file, linked);
  console.log = (...words: unknown[]) => printed.push(words.join(' '));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
    rmSync(folder, { recursive: true, force: true });
  }
  return printed.join('\n');
}

test('there are code blocks to run', () => assert.ok(blocks.length >= 3));

blocks.forEach((code, i) => {
  test(`block ${i + 1} runs: ${code.split('\n')[0]}`, async () => {
    const printed = await run(code);
    for (const line of printed.split('\n')) {
      const exact = /(\S+) exactly (\S+)$/.exec(line);
      if (exact !== null) assert.is(Number(exact[1]), Number(exact[2]), line);
    }
  });
});

test.run();
