/**
 * The suite, and the packed package, on every Node that is supported: `npm run ok:nodes -- [20 22 24]`. Each Node comes from its npm
 * package into node_modules/.cache. The last line is `N passed, N failed, N skipped`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createReport } from './report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/jetgrad-nodes');
const majors = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
const report = createReport();

/** The program of a major version: npm has a package of binaries for each platform. */
function nodeOf(major: string): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(cache, major);
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
    execFileSync('npm', ['install', ...flags, `${name}@${major}`], { cwd: folder, stdio: 'ignore' });
  }
  return program;
}

/** An empty folder with the packed package in it. */
function installPacked(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-nodes-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...flags, join(folder, filename)], { cwd: folder, stdio: 'ignore' });
  return folder;
}

const entries = ['jetgrad', 'jetgrad/core', 'jetgrad/node', 'jetgrad/onnx'];
const work = `const { grad, exp, tensor } = m; if (grad) console.log(grad(exp)(tensor(0)).data[0]); else console.log(1);`;

/** Imports an entry as a module, and by `require` where this Node can: 1 is what e⁰'s slope is. */
function importsOf(program: string, folder: string): string[] {
  const run = (code: string) =>
    spawnSync(program, ['--input-type=commonjs', '-e', code], { cwd: folder, encoding: 'utf8' });
  const failures: string[] = [];
  for (const entry of entries) {
    const ways = {
      import: `import('${entry}').then((m) => { ${work} })`,
      require: `const m = require('${entry}'); ${work}`,
    };
    for (const [way, code] of Object.entries(ways)) {
      const { status, stdout, stderr } = run(code);
      if (status === 0 && stdout.trim() === '1') continue;
      failures.push(`${way} ${entry}: ${(stderr || stdout).trim().split('\n').at(-1)}`);
    }
  }
  return failures;
}

const folder = installPacked();
try {
  for (const major of majors) {
    await report.guard(`Node ${major}`, () => {
      const program = nodeOf(major);
      const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
      const failures = importsOf(program, folder);
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
  rmSync(folder, { recursive: true, force: true });
}
report.close();
