/**
 * The suite, and the packed package, on every Node that is supported: `npm run ok:nodes -- [20 22 24]`. Each Node comes from its npm
 * package into node_modules/.cache. The last line is `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { createConsumer, nodeOf, root, run } from './consumer.ts';
import { createReport } from './report.ts';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
const report = createReport();

const entries = ['jetgrad', 'jetgrad/core', 'jetgrad/node', 'jetgrad/onnx'];
const work = `const { grad, exp, tensor } = m; if (grad) console.log(grad(exp)(tensor(0)).data[0]); else console.log(1);`;

/** Imports an entry as a module, and by `require` where this Node can: 1 is what e⁰'s slope is. */
function importsOf(program: string, folder: string): string[] {
  const evaluate = (code: string) =>
    spawnSync(program, ['--input-type=commonjs', '-e', code], { cwd: folder, encoding: 'utf8' });
  const failures: string[] = [];
  for (const entry of entries) {
    const ways = {
      import: `import('${entry}').then((m) => { ${work} })`,
      require: `const m = require('${entry}'); ${work}`,
    };
    for (const [way, code] of Object.entries(ways)) {
      const { status, stdout, stderr } = evaluate(code);
      if (status === 0 && stdout.trim() === '1') continue;
      failures.push(`${way} ${entry}: ${(stderr || stdout).trim().split('\n').at(-1)}`);
    }
  }
  return failures;
}

const consumer = createConsumer('nodes');
try {
  for (const major of majors) {
    await report.guard(`Node ${major}`, () => {
      const program = nodeOf(major);
      const version = run(program, ['--version'], root).trim();
      const failures = importsOf(program, consumer.folder);
      report.check(
        `${version}: the packed entries`,
        failures.length === 0,
        failures.join('; ') || 'imported and required',
      );
      const suite = spawnSync(program, ['--import', 'tsx', 'test/run.ts'], {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      const lines = suite.stdout.trim().split('\n');
      const failed = lines.filter((line) => /^\s*FAIL/.test(line)).slice(0, 5);
      report.check(`${version}: the suite`, suite.status === 0, [lines.at(-1), ...failed].join(' '));
    });
  }
} finally {
  consumer.remove();
}
report.close();
