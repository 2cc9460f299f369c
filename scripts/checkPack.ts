/**
 * Packs the package, installs it into an empty folder as a user would, imports every entry, runs the command, and type-checks a
 * consumer. The last line is `N passed, N failed, N skipped`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createReport } from './report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-pack-'));
const report = createReport();

function run(command: string, args: readonly string[], cwd = folder): string {
  try {
    return execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} failed: ${stdout}${stderr}`.trim());
  }
}

const consumer = `
import { diagonal, exp, grad, sum, tensor, type Tensor } from 'jetgrad';
import { jet } from 'jetgrad/core';
import { loadModel } from 'jetgrad/node';
import { importOnnx } from 'jetgrad/onnx';
const f = (x: Tensor): Tensor => exp(sum(x));
const g: Tensor = grad(f)(tensor([1, 2]));
const { d3 } = diagonal(f, tensor([1, 2]), { order: 3 });
export const all = [g, d3, jet(f, [tensor([0])]), loadModel, importOnnx];
`;

function typeCheck(module: string, resolution: string): void {
  const config = {
    compilerOptions: {
      module,
      moduleResolution: resolution,
      target: 'ES2022',
      strict: true,
      noEmit: true,
      types: ['node'],
    },
    files: ['consumer.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
}

try {
  await report.guard('npm pack and install', () => {
    const [{ filename, size }] = JSON.parse(
      run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
    );
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
    );
    run('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      join(folder, filename),
      '@types/node@20',
    ]);
    report.check('npm pack and install', true, `${Math.round(size / 1024)} kB packed`);
  });
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.keys(exports).filter((each) => !each.endsWith('.json'))) {
    const name = `jetgrad${entry.slice(1)}`;
    await report.guard(name, () => {
      const count = run(process.execPath, [
        '-e',
        `import('${name}').then((m) => console.log(Object.keys(m).length))`,
      ]).trim();
      report.check(name, Number(count) > 0, `${count} exports`);
    });
  }
  await report.guard('jetgrad --help', () => {
    const help = run('npx', ['--no-install', 'jetgrad', '--help']);
    report.check('jetgrad --help', /explain/.test(help) && /convert/.test(help), 'names the commands');
  });
  writeFileSync(join(folder, 'consumer.ts'), consumer);
  for (const [module, resolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    await report.guard(`types under ${resolution}`, () => {
      typeCheck(module, resolution);
      report.check(`types under ${resolution}`, true, 'a consumer compiles');
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report.close();
