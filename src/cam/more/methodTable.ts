import type { Method } from '../method.ts';
import { type MethodName, methods } from '../methods.ts';
import { moreMethods } from './moreMethods.ts';

/** Every method that there is, by name. */
const table: Readonly<Record<MethodName, Method>> = { ...methods, ...moreMethods };

/** Controls: what a metric gives for maps that know nothing of the class, or little. */
export const controlNames = [
  'ones',
  'centre',
  'random',
  'meanactivation',
  'gradcam+',
] as const satisfies readonly MethodName[];

/** All methods by name. */
export const methodNames = Object.keys(table) as readonly MethodName[];

/** Row of a method. */
export const methodOf = (name: MethodName): Method => table[name];
