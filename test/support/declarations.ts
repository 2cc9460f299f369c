import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One name in one declaration file. */
interface Place {
  readonly file: string;
  readonly name: string;
}

interface Declarations {
  /** The text of each declaration, overloads together. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where the names come from that the file imports or hands on, by their name here. */
  readonly from: ReadonlyMap<string, Place>;
  readonly exported: ReadonlyMap<string, Place>;
  readonly stars: readonly string[];
}

const read = new Map<string, Declarations>();

/** `a as b, type C` as pairs of the name there and the name here. */
function specifiers(list: string): [string, string][] {
  return list
    .split(',')
    .map((each) => each.trim().replace(/^type /, ''))
    .filter((each) => each !== '')
    .map((each) => {
      const [there, here = there] = each.split(/\s+as\s+/);
      return [there, here];
    });
}

/** A declaration file, as tsc writes them. */
function declarationsOf(file: string): Declarations {
  const known = read.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const target = (path: string) => join(dirname(file), path.replace(/\.(?:js|ts)$/, '.d.ts'));
  const from = new Map<string, Place>();
  const exported = new Map<string, Place>();
  const texts = new Map<string, string>();
  for (const [, word, list, path] of source.matchAll(
    /^(import|export)(?: type)? \{([^}]*)\}(?: from ['"]([^'"]+)['"])?/gm,
  )) {
    for (const [there, here] of specifiers(list)) {
      const place =
        path === undefined
          ? { file, name: there }
          : { file: path.startsWith('.') ? target(path) : path, name: there };
      (word === 'import' ? from : exported).set(here, place);
    }
  }
  const stars = [...source.matchAll(/^export (?:type )?\* from ['"]([^'"]+)['"]/gm)].map(([, path]) =>
    target(path),
  );
  for (const part of source.split(/^(?=(?:export |declare )+|(?:interface|type) )/m)) {
    const [, isExported, name] =
      /^(export )?(?:declare )?(?:abstract )?(?:function|const|class|interface|type) (\w+)/.exec(part) ?? [];
    if (name === undefined) continue;
    texts.set(name, `${texts.get(name) ?? ''}\n${part}`);
    if (isExported !== undefined) exported.set(name, { file, name });
  }
  const found = { texts, from, exported, stars };
  read.set(file, found);
  return found;
}

/** Where a name is declared at last. */
function origin({ file, name }: Place): Place {
  if (!existsSync(file)) return { file, name };
  const { exported, from, stars, texts } = declarationsOf(file);
  const next = exported.get(name) ?? from.get(name);
  if (next !== undefined && (next.file !== file || next.name !== name)) return origin(next);
  if (texts.has(name)) return { file, name };
  for (const star of stars) {
    const place = origin({ file: star, name });
    if (declarationsOf(place.file).texts.has(place.name)) return place;
  }
  return { file, name };
}

const keyOf = ({ file, name }: Place) => `${file}#${name}`;

/** Where the names that an entry exports are declared. */
export const placesOf = (entry: string): Place[] =>
  [...exportsOf(entry).keys()].map((key) => {
    const [file, name] = key.split('#');
    return { file, name };
  });

/** What an entry exports, by the place of its declaration. */
function exportsOf(file: string): Map<string, string> {
  const { exported, stars } = declarationsOf(file);
  const found = new Map([...exported.keys()].map((name) => [keyOf(origin({ file, name })), name]));
  for (const star of stars) for (const [key, name] of exportsOf(star)) found.set(key, name);
  return found;
}

/**
 * Types that the signatures of an entry use and that neither it nor one of the `others` exports: `user: Type`. Whatever comes from
 * a package is told, too, unless `packages` names it.
 */
export function unnamedTypes(
  entry: string,
  others: readonly string[],
  packages: readonly string[],
): string[] {
  const named = new Map([entry, ...others].flatMap((file) => [...exportsOf(file)]));
  const missing = new Set<string>();
  for (const [key, user] of exportsOf(entry)) {
    const [file, name] = key.split('#');
    if (!existsSync(file)) continue;
    const { texts, from } = declarationsOf(file);
    const text = (texts.get(name) ?? '').replace(/'[^'\n]*'|"[^"\n]*"/g, '');
    for (const [word] of text.matchAll(/(?<![\w.])[A-Z]\w*/g)) {
      if (!from.has(word) && !texts.has(word)) continue;
      const place = origin({ file, name: word });
      if (packages.includes(place.file) || named.has(keyOf(place))) continue;
      missing.add(`${user}: ${word}`);
    }
  }
  return [...missing].sort();
}

/** Packages that a consumer's compiler reads for the types of an entry. */
export function packagesBehind(entry: string): string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, path] of source.matchAll(/(?:from |import\(|^import )['"]([^'"]+)['"]/gm)) {
      if (path.startsWith('.')) pending.push(join(dirname(file), path.replace(/\.(?:js|ts)$/, '.d.ts')));
      else packages.add(path);
    }
  }
  return [...packages];
}
