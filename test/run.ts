/**
 * Runs the tests: `node --import tsx test/run.ts [parts of paths]`. A file that queues no suite fails. The last line is
 * `N passed, N failed, N skipped`.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { skipped } from './support/check.ts';

interface Queue {
  UVU_DEFER: 1;
  UVU_QUEUE: [string, ...unknown[]][];
  UVU_INDEX: number;
}

const queue = globalThis as unknown as Queue;
queue.UVU_DEFER = 1;
queue.UVU_QUEUE = [];

const folder = process.env.JETGRAD_TESTS ?? fileURLToPath(new URL('.', import.meta.url));
const parts = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(
    (file) =>
      file.endsWith('.test.ts') && (process.env.JETGRAD_TESTS !== undefined || !file.startsWith('fixtures')),
  )
  .map((file) => join(folder, file))
  .filter(
    (file) => parts.length === 0 || parts.some((part) => join('test', relative(folder, file)).includes(part)),
  )
  .sort();

// uvu must see UVU_DEFER before it is loaded.
const { exec } = await import('uvu');
const broken: string[] = [];
for (const [index, file] of files.entries()) {
  queue.UVU_INDEX = index;
  const name = relative(folder, file);
  const own: [string, ...unknown[]] = [name];
  queue.UVU_QUEUE[index] = own;
  try {
    await import(pathToFileURL(file).href);
    if (own.length === 1) broken.push(`${name}: no suite was run; does it end with .run()?`);
  } catch (error) {
    broken.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** Lets uvu print, and reads the counts from what it prints. */
async function runQueue(): Promise<{ total: number; passed: number; text: string }> {
  const write = process.stdout.write.bind(process.stdout);
  let text = '';
  process.stdout.write = ((chunk: string | Uint8Array) => {
    text += String(chunk);
    return write(chunk);
  }) as typeof process.stdout.write;
  await exec(false);
  process.stdout.write = write;
  const count = (word: string) => Number(new RegExp(`${word}:\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN);
  return { total: count('Total'), passed: count('Passed'), text };
}

const { total, passed } = await runQueue();
for (const line of skipped) process.stdout.write(`skipped ${line}\n`);
for (const line of broken) process.stdout.write(`FAIL ${line}\n`);
const failed = total - passed + broken.length;
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
process.exit(failed > 0 || Number.isNaN(total) ? 1 : 0);
