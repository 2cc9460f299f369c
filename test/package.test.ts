import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from './support/check.ts';
import { packedTargetsOf, root } from './support/imports.ts';

const test = suite('package');

/** What an install takes at most, in bytes of files: with its folders, as `du -sb` counts, 6 MB. */
const INSTALLED = 5_750_000;

interface Entry {
  readonly types: string;
  readonly default: string;
}

const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { bin, dependencies, exports } = json('package.json') as {
  bin: { jetgrad: string };
  dependencies: Record<string, string>;
  exports: Record<string, Entry | string>;
};

function built(name: string, check: () => void): void {
  if (existsSync(join(root, 'dist/modules/packages'))) test(name, check);
  else skip(name, 'dist is not there: npm run build');
}

let files: ReadonlyMap<string, number> | undefined;

/** The files that are packed, with their bytes. */
function packed(): ReadonlyMap<string, number> {
  if (files !== undefined) return files;
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [pack] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })) as [
    { files: { path: string; size: number }[] },
  ];
  files = new Map(pack.files.map(({ path, size }) => [path, size]));
  return files;
}

/** The folders of all packages that an install brings. */
function installed(): string[] {
  const { packages } = json('package-lock.json') as { packages: Record<string, { dev?: boolean }> };
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path]) => path);
}

function bytesOf(folder: string): number {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const sizes = files.map((file) => statSync(join(root, folder, file))).filter((each) => each.isFile());
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

built('an install takes 6 MB at most', () => {
  let bytes = installed().reduce((sum, folder) => sum + bytesOf(folder), 0);
  for (const size of packed().values()) bytes += size;
  assert.ok(bytes <= INSTALLED, `${bytes} bytes, at most ${INSTALLED}`);
});

built('what is packed imports Node, itself, and what an install brings', () => {
  const modules = [...packed().keys()].filter((path) => path.startsWith('dist/') && path.endsWith('.js'));
  const isNamed = (target: string) =>
    Object.keys(dependencies).some((name) => `${target}/`.startsWith(`${name}/`));
  for (const path of modules) {
    const targets = packedTargetsOf(readFileSync(join(root, path), 'utf8'));
    for (const target of targets) {
      const isFile = target.startsWith('.') && existsSync(join(root, dirname(path), target));
      assert.ok(isFile || target.startsWith('node:') || isNamed(target), `${path} imports ${target}`);
    }
  }
});

built('every package that is packed has its licence beside it', () => {
  const names = new Set<string>();
  for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    for (const [, name] of text.matchAll(/^\/\/ node_modules\/((?:@[\w-]+\/)?[\w-]+)\//gm)) names.add(name);
  }
  assert.ok(names.size >= 4, [...names].join());
  const fonts = readdirSync(join(root, 'fonts')).map((file) => file.split('-')[0]);
  for (const name of [...names, ...fonts]) assert.ok(packed().has(`licences/${basename(name)}.txt`), name);
});

built('every entry has its types first, and all its files', () => {
  assert.ok(packed().has(bin.jetgrad));
  for (const [name, entry] of Object.entries(exports)) {
    if (typeof entry === 'string') continue;
    assert.is(Object.keys(entry)[0], 'types', name);
    for (const path of Object.values(entry)) assert.ok(packed().has(normalize(path)), `${name}: ${path}`);
  }
});

built('what a packed page links to is packed, and so are the pictures of README.md', () => {
  const pages = [...packed().keys()].filter((path) => path.endsWith('.md'));
  assert.ok(pages.includes('README.md') && pages.includes('docs/networks.md'), pages.join());
  for (const page of pages) {
    // A picture of the other pages has its words in its place.
    const links = readFileSync(join(root, page), 'utf8').matchAll(/(!?)\[[^\]]*\]\(([^)#\s]+)[^)]*\)/g);
    for (const [, picture, target] of links) {
      if (/^[a-z]+:/.test(target) || (picture === '!' && page !== 'README.md')) continue;
      const path = normalize(join(dirname(page), target));
      const isThere = [...packed().keys()].some((each) => each === path || each.startsWith(`${path}/`));
      assert.ok(isThere, `${page} links to ${target}`);
    }
  }
});

built('no map is packed without what it maps to', () => {
  for (const path of packed().keys()) assert.not.match(path, /\.map$/);
});

test.run();
