import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The package's entries, and the source of each. */
export const entries: Readonly<Record<string, string>> = {
  jetgrad: 'src/index.ts',
  'jetgrad/core': 'src/core.ts',
  'jetgrad/image': 'src/image/index.ts',
  'jetgrad/metrics': 'src/cam/metrics/index.ts',
  'jetgrad/scores': 'src/cam/scores/index.ts',
  'jetgrad/methods': 'src/cam/more/index.ts',
  'jetgrad/nn': 'src/nn/index.ts',
  'jetgrad/node': 'src/node.ts',
  'jetgrad/onnx': 'src/onnx/index.ts',
  'jetgrad/page': 'src/page/index.ts',
};

export interface Doc {
  /** Path of the source, and the name that is documented. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
  readonly isExported: boolean;
}

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !/generated|assembly/.test(file));

const declaration =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(export )?(?:async |abstract )*(?:function|const|class|interface|type) (\w+)/g;

/** Every docstring in the sources, without its stars. */
export const docs: readonly Doc[] = sources.flatMap((file) => {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  return [...source.matchAll(declaration)].map(([, comment, exported, name]) => ({
    file: `src/${file}`,
    name,
    text: comment.replace(/^[ \t]*\*? ?/gm, '').trim(),
    isExported: exported !== undefined,
  }));
});

/** The examples of a docstring: what follows `@example` up to the next tag. */
export function examplesIn(text: string): string[] {
  return text
    .split(/^@example\b/m)
    .slice(1)
    .map((part) => part.split(/^@(?=[a-z])/m)[0].trim());
}

/** Blocks of code in a text in Markdown. */
export function blocksIn(markdown: string): string[] {
  return [...markdown.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].map(([, code]) => code);
}

/** Lines that belong together: a statement ends where every bracket is closed. */
export function statements(code: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let open = '';
  for (const line of code.split('\n')) {
    const bare = line
      .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''")
      .replace(/\/\/.*$/, '');
    for (const char of bare) depth += '([{'.includes(char) ? 1 : ')]}'.includes(char) ? -1 : 0;
    open += `${open === '' ? '' : '\n'}${line}`;
    if (depth > 0) continue;
    out.push(open);
    open = '';
  }
  if (open !== '') out.push(open);
  return out;
}

const isDeclaration =
  /^\s*(?:const|let|import|export|function|async function|if|for|while|return|type|interface|declare|class|\}|\/\/)/;

/**
 * A statement `value // wanted` as a check of the value, and `const name = value; // wanted` with a check after it; any other
 * as it is.
 */
export function checkedStatement(statement: string): string {
  const [, before, wanted] = /^([\s\S]*?\S)\s*\/\/ ([^\n]*)$/.exec(statement) ?? [];
  if (wanted === undefined) return statement;
  const text = JSON.stringify(wanted);
  const named = /^\s*const (\w+)(?:: [^=]+)? = /.exec(before);
  if (named !== null) return `${before}\ncheck(${named[1]}, ${text});`;
  return isDeclaration.test(before) ? statement : `check(${before.replace(/;\s*$/, '')}, ${text});`;
}

/** What a comment says: a value, or a list of several; undefined where it is prose. */
export function wantedValue(text: string): { readonly value: unknown } | undefined {
  try {
    const values = new Function(`'use strict'; return [${text}];`)() as unknown[];
    return values.length === 0 ? undefined : { value: values.length === 1 ? values[0] : values };
  } catch {
    return undefined;
  }
}

/** Arrays of numbers for tensors and typed arrays, also in records and lists. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value !== 'object' || value === null) return value;
  if ('stride' in value) return nested(value as never);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

interface Strided {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

function nested({ data, shape, stride, offset }: Strided, axis = 0, at = offset): unknown {
  if (axis === shape.length) return data[at];
  return Array.from({ length: shape[axis] }, (_, i) =>
    nested({ data, shape, stride, offset }, axis + 1, at + i * stride[axis]),
  );
}

/** Whether got is what is wanted, numbers within 1e-12. */
export function agrees(got: unknown, wanted: unknown): boolean {
  if (typeof got === 'number' && typeof wanted === 'number') {
    return Object.is(got, wanted) || Math.abs(got - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
  }
  if (typeof got !== 'object' || typeof wanted !== 'object' || got === null || wanted === null) {
    return Object.is(got, wanted);
  }
  const [a, b] = [Object.entries(got), Object.entries(wanted)];
  const other = wanted as Readonly<Record<string, unknown>>;
  return (
    a.length === b.length && a.every(([key, value]) => Object.hasOwn(other, key) && agrees(value, other[key]))
  );
}
