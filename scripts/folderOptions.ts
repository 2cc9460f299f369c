import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../src/cli/shared/parseOptions.ts';
import { setThreads } from '../src/node/setThreads.ts';
import { type BackendName, setBackend } from '../src/tensor/kernels/backend.ts';
import { MOST_THREADS } from '../src/tensor/kernels/wasm/threads.ts';

const backends: readonly BackendName[] = ['wasm', 'reference'];

/**
 * The folder that a script is to check, from `DIR [--backend wasm|reference] [--threads N]`; the flags take hold. Ends the process
 * with code 2 and one sentence where they cannot be used.
 */
export function readFolder(script: string): string {
  try {
    const { values, positionals } = parseArgs({
      options: { backend: { type: 'string', default: 'wasm' }, threads: { type: 'string' } },
      allowPositionals: true,
    });
    const [dir, ...more] = positionals;
    if (dir === undefined || more.length > 0) throw new Error('name one folder');
    if (!existsSync(dir)) throw new Error(`${dir} is not there`);
    setBackend(oneOf('backend', backends)(values.backend));
    setThreads(
      values.threads === undefined
        ? undefined
        : wholeNumber('threads', { least: 1, most: MOST_THREADS })(values.threads),
    );
    return dir;
  } catch (error) {
    process.stderr.write(
      `Cannot check ${script}: ${(error as Error).message}; usage: npm run ${script} -- DIR [--backend wasm|reference] [--threads N]\n`,
    );
    process.exit(2);
  }
}
