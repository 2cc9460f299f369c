import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that a source imports or exports from, types included, as written. */
export function targetsOf(source: string): string[] {
  const statements = source.matchAll(
    /^(?:import|export)[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gms,
  );
  return [...statements].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic);
}

/** The same of what a build has printed without blanks. */
export function packedTargetsOf(code: string): string[] {
  const found = code.matchAll(/\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, from, bare]) => from ?? bare);
}

/** Which files of the repository each TypeScript file under these folders imports, types included; paths from the root. */
export function importGraph(...folders: readonly string[]): Map<string, readonly string[]> {
  const graph = new Map<string, readonly string[]>();
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || /(^|\/)node_modules\//.test(name)) continue;
      const path = join(root, folder, name);
      const own = targetsOf(readFileSync(path, 'utf8'))
        .filter((target) => target.startsWith('.'))
        .map((target) => join(dirname(path), target))
        .filter((target) => existsSync(target));
      graph.set(
        join(folder, name),
        own.map((target) => relative(root, target)),
      );
    }
  }
  return graph;
}

/** Everything that a file imports, directly or through others, itself included. */
export function reachedFrom(graph: ReadonlyMap<string, readonly string[]>, file: string): Set<string> {
  const seen = new Set([file]);
  for (const each of seen) for (const target of graph.get(each) ?? []) seen.add(target);
  return seen;
}

/** Groups of files that import one another in a circle. */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(graph, file)]));
  const placed = new Set<string>();
  const circles: string[][] = [];
  for (const [file, targets] of reached) {
    if (placed.has(file)) continue;
    const circle = [...targets].filter((other) => other !== file && reached.get(other)?.has(file));
    if (circle.length === 0) continue;
    for (const each of [file, ...circle]) placed.add(each);
    circles.push([file, ...circle].sort());
  }
  return circles;
}
