import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setBackend, setThreads } from '../src/core.ts';
import {
  agrees,
  blocksIn,
  checkedStatement,
  type Doc,
  docs,
  entries,
  examplesIn,
  plain,
  root,
  statements,
  wantedValue,
} from './support/examples.ts';

const test = suite('examples');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-examples-'));
const written = join(folder, 'out');
mkdirSync(written);

/** Values and types of each entry; the first entry that has a name gives it. */
const modules: Readonly<Record<string, object>> = Object.fromEntries(
  await Promise.all(
    Object.entries(entries).map(async ([name, file]) => [
      name,
      await import(pathToFileURL(join(root, file)).href),
    ]),
  ),
);

interface Example {
  readonly name: string;
  readonly code: string;
}

/** The names that a code uses without declaring them. */
function used(code: string, names: readonly string[]): string[] {
  return names.filter((name) => {
    const isUsed = new RegExp(`(?<![.\\w'])${name}\\b(?!')`).test(code);
    const isDeclared = new RegExp(`(?:const|let|function) (?:\\{[^}=]*)?\\b${name}\\b`).test(code);
    return isUsed && !isDeclared;
  });
}

const publicTypes = ['Tensor', 'Model', 'PrimitiveRow', 'Picture', 'Evidence'];

const globals = 'declare global { function check(got: unknown, wanted: string): void }';

/** The example of a docstring as a module of its own. */
function exampleModule(
  { file, name }: Doc,
  code: string,
  imported: Readonly<Record<string, unknown>>,
): string {
  const isOf = (room: string) => file.startsWith(`src/${room}/`);
  const first = isOf('image')
    ? ['jetgrad/image']
    : isOf('node') || file.includes('npy')
      ? ['jetgrad/node']
      : [];
  const all = [
    'jetgrad/core',
    'jetgrad',
    'jetgrad/node',
    'jetgrad/image',
    'jetgrad/onnx',
    'jetgrad/nn',
    'jetgrad/metrics',
    'jetgrad/scores',
    'jetgrad/methods',
  ];
  const order = [...new Set([...first, ...all])];
  const taken = new Set<string>();
  const lines: string[] = [];
  for (const entry of order) {
    const names = used(code, Object.keys(modules[entry])).filter((each) => !taken.has(each));
    for (const each of names) taken.add(each);
    if (names.length > 0) lines.push(`import { ${names.join(', ')} } from '${entry}';`);
  }
  const types = used(code, publicTypes);
  for (const type of types) {
    lines.push(`import type { ${type} } from '${type === 'Picture' ? 'jetgrad/image' : 'jetgrad/core'}';`);
  }
  const own = used(code, Object.keys(imported)).filter((each) => !taken.has(each));
  if (own.length > 0) lines.push(`import { ${own.join(', ')} } from '${join(root, file)}';`);
  const body = statements(code).map(checkedStatement).join('\n');
  return `${lines.join('\n')}\n${globals}\n// ${name}\n${body}\n`;
}

const examples: Example[] = [];
for (const doc of docs) {
  const found = examplesIn(doc.text);
  if (found.length === 0) continue;
  const imported = await import(pathToFileURL(join(root, doc.file)).href);
  found.forEach((code, i) => {
    const label = found.length > 1 ? `${doc.name} ${i + 1}` : doc.name;
    examples.push({ name: label, code: exampleModule(doc, code, imported) });
  });
}
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
for (const page of pages) {
  blocksIn(readFileSync(join(root, page), 'utf8')).forEach((code, i) => {
    const body = statements(code).map(checkedStatement).join('\n');
    const name = `${page}, block ${i + 1}: ${code.split('\n')[0]}`;
    examples.push({ name, code: `${body}\n${globals}\nexport {};\n` });
  });
}

/** A program's statements, what is printed beside a comment as a check of it. */
const printed = (statement: string) =>
  checkedStatement(statement.replace(/^(\s*)console\.log\(([\s\S]*)\);( \/\/ [^\n]*)$/, '$1$2;$3'));
const programs = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'));
for (const program of programs) {
  const body = statements(readFileSync(join(root, 'examples', program), 'utf8'))
    .map(printed)
    .join('\n');
  examples.push({ name: `examples/${program}`, code: `${body}\n${globals}\n` });
}

const fileOf = (i: number) => join(folder, `example${i}.mts`);

/** The code with the package's entries taken from the sources, and files written into a folder that is thrown away. */
function linked(code: string, link: (path: string) => string): string {
  return code
    .replace(/from '(jetgrad[^']*)'/g, (_, entry: string) => `from '${link(join(root, entries[entry]))}'`)
    .replaceAll(`from '${root}`, `from '${link(root)}`)
    .replaceAll("'weights/", `'${root}weights/`)
    .replaceAll("'jetgrad-out/", `'${written}/`);
}

type Global = { check?: (got: unknown, wanted: string) => void };

/** Runs an example as a user would; gives what it printed. */
async function run(i: number): Promise<string> {
  const printed: string[] = [];
  const { log } = console;
  (globalThis as Global).check = (got, wanted) => {
    const said = wantedValue(wanted);
    if (said === undefined) return;
    assert.ok(agrees(plain(got), said.value), `it says ${wanted}, and it is ${JSON.stringify(plain(got))}`);
  };
  console.log = (...words: unknown[]) => printed.push(words.join(' '));
  try {
    await import(pathToFileURL(fileOf(i)).href);
  } finally {
    console.log = log;
    // Examples set what all computations share.
    setBackend('wasm');
    setThreads();
  }
  return printed.join('\n');
}

test('there are examples in the sources, the README and the docs', () => {
  assert.ok(examples.length >= 100);
  assert.ok(examples.some(({ name }) => name.startsWith('README.md')));
});

test('the programs in examples say what they print, and their page tells of each', () => {
  const page = readFileSync(join(root, 'examples/README.md'), 'utf8');
  for (const program of readdirSync(join(root, 'examples')).filter((file) => /^\d/.test(file))) {
    const row = page.split('\n').find((line) => line.includes(`(${program})`));
    const code = readFileSync(join(root, 'examples', program), 'utf8').replace(/^[\s\S]*<script.*\n/, '');
    const bare = code.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/import [\s\S]*? from '.*';/g, '');
    const lines = bare.split('\n').filter((line) => /\w/.test(line) && !/^\s*(\/\/|<)/.test(line));
    assert.ok(row?.endsWith(`| ${lines.length} |`), `${program} has ${lines.length} lines`);
    const example = examples.find(({ name }) => name === `examples/${program}`);
    if (program.endsWith('.ts')) assert.match(example?.code ?? '', /\bcheck\(/);
  }
});

test('every public value has a docstring with an example', () => {
  const missing = Object.entries(modules).flatMap(([entry, values]) =>
    Object.keys(values)
      .filter((name) => {
        const own = docs.filter((doc) => doc.isExported && doc.name === name);
        return !own.some((doc) => examplesIn(doc.text).length > 0);
      })
      .map((name) => `${entry}: ${name}`),
  );
  assert.equal(missing, []);
});

test('the examples compile as strict TypeScript', () => {
  const typed = join(folder, 'typed');
  mkdirSync(typed);
  const files = examples.map(({ code }, i) => {
    const file = join(typed, `example${i}.mts`);
    writeFileSync(
      file,
      linked(code, (path) => path),
    );
    return file;
  });
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noUnusedLocals: false,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(root, 'src/**/*.d.ts')],
    files,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    assert.unreachable(
      stdout.replace(/^.*example(\d+)\.mts/gm, (_, i: string) => `${examples[Number(i)].name}:`),
    );
  }
});

examples.forEach(({ name, code }, i) => {
  test(name, async () => {
    writeFileSync(
      fileOf(i),
      linked(code, (path) => pathToFileURL(path).href),
    );
    for (const line of (await run(i)).split('\n')) {
      const exact = /(\S+) exactly (\S+)$/.exec(line);
      if (exact !== null) assert.is(Number(exact[1]), Number(exact[2]), line);
    }
  });
});

test.after(() => {
  Reflect.deleteProperty(globalThis, 'check');
  rmSync(folder, { recursive: true, force: true });
});

test.run();
