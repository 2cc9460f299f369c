import { readdirSync } from 'node:fs';
import type { Primitive } from '../../src/autodiff/primitive.ts';

const folder = new URL('../../src/autodiff/primitives/', import.meta.url);
const modules = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => import(new URL(file, folder).href) as Promise<Record<string, unknown>>),
);

/** Every primitive that there is: whatever a module of the rows exports as `…Row`, so that none can be forgotten. */
export const primitives: readonly Primitive[] = modules.flatMap((module) =>
  Object.entries(module).flatMap(([name, row]) => (name.endsWith('Row') ? [row as Primitive] : [])),
);
