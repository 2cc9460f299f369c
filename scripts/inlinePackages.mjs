/**
 * Puts packages that an install does not bring into a folder of modules: what the modules import of them goes to its folder `packages`,
 * and they import it from there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const isStatic = /^import (?:(\w+)|\{([^}]*)\}) from ['"]([^.'"][^'"]*)['"]/gm;
const isDynamic = /\bimport\(['"]([^.'"][^'"]*)['"]\)/g;

/** What modules import from packages: the names by the package's path. All names where one is imported while the program runs. */
function importsFrom(texts, isInstalled) {
  const wanted = new Map();
  const want = (path, names) => {
    if (!isInstalled(path)) wanted.set(path, new Set([...(wanted.get(path) ?? []), ...names]));
  };
  for (const text of texts) {
    for (const [, whole, parts, path] of text.matchAll(isStatic)) {
      want(
        path,
        whole === undefined ? parts.split(',').map((part) => part.trim().split(' ')[0]) : ['default'],
      );
    }
    for (const [, path] of text.matchAll(isDynamic)) want(path, ['*']);
  }
  return wanted;
}

const fileOf = (path) => path.replace(/^@/, '').replace(/\.js$/, '').replaceAll('/', '-');

/** A module for each path, and what they share. */
const bundle = (wanted, outdir) =>
  build({
    entryPoints: [...wanted.keys()].map((path) => ({ in: `wanted:${path}`, out: fileOf(path) })),
    outdir,
    chunkNames: '[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    plugins: [
      {
        name: 'wanted',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^wanted:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'wanted' }));
          onLoad({ filter: /.*/, namespace: 'wanted' }, ({ path }) => {
            const names = [...wanted.get(path)];
            const what = names.includes('*') ? '*' : `{ ${names.join(', ')} }`;
            return { contents: `export ${what} from '${path}';`, resolveDir: process.cwd() };
          });
        },
      },
    ],
  });

/** Makes the modules of `folder` import nothing but what is installed, by the first part of its path, and their own files. */
export async function inlinePackages(folder, isInstalled) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.js'));
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const wanted = importsFrom(texts.values(), isInstalled);
  await bundle(wanted, join(folder, 'packages'));
  for (const [file, text] of texts) {
    const home = relative(dirname(file), 'packages') || '.';
    const moved = text.replace(/(\bfrom |\bimport\()(['"])([^.'"][^'"]*)\2/g, (all, before, quote, path) =>
      wanted.has(path) ? `${before}${quote}${home}/${fileOf(path)}.js${quote}` : all,
    );
    if (moved !== text) writeFileSync(join(folder, file), moved);
  }
}
