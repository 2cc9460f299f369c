import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withOperators } from '../scripts/operatorsTable.ts';

const test = suite('pages');

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['.', 'docs', 'docs/networks', 'weights'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);
const text = (page: string) => readFileSync(join(root, page), 'utf8');

test('the table of docs/operators.md is that of src/layers; npm run operators renews it', () => {
  assert.is(text('docs/operators.md'), withOperators(text('docs/operators.md')));
});

test('files that pages link to are there', () => {
  for (const page of pages) {
    for (const [, target] of text(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      assert.ok(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`);
    }
  }
});

test('files of src, test and scripts that pages name are there', () => {
  for (const page of pages.filter((each) => !each.includes('CHANGELOG'))) {
    for (const [, path] of text(page).matchAll(/`((?:src|test|scripts|bench|docs)\/[\w./-]+)`/g)) {
      if (/FAMILY|NAME|\/X\.ts/.test(path)) continue;
      const isThere = existsSync(join(root, path)) || existsSync(join(root, `${path}.test.ts`));
      assert.ok(isThere, `${page} names ${path}`);
    }
  }
});

test('README.md has the whole program of examples/vite', () => {
  assert.ok(text('README.md').includes(`\`\`\`javascript\n${text('examples/vite/main.js')}\`\`\`\n`));
});

test('docs/house.md names every folder of src', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const folders = new Set(files.map((file) => dirname(join('src', file))));
  const house = text('docs/house.md');
  for (const folder of folders) {
    if (folder === 'src' || folder.endsWith('generated')) continue;
    assert.ok(house.includes(`**${folder}**`) || house.includes(`**${basename(folder)}**`), folder);
  }
});

test('commands that pages name are scripts of the package', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  for (const page of pages) {
    for (const [, name] of text(page).matchAll(/npm run (?:--silent )?([a-z0-9:]+)/g))
      assert.ok(Object.hasOwn(scripts, name), `${page} names npm run ${name}`);
  }
});

test.run();
