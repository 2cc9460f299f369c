import type { Method } from '../method.ts';
import { type MethodName, methods } from '../methods.ts';
import { moreMethods } from './moreMethods.ts';

/** Every method that there is, by name. */
const table: Readonly<Record<MethodName, Method>> = { ...methods, ...moreMethods };

/** All methods by name. */
export const methodNames = Object.keys(table) as readonly MethodName[];

/** Row of a method. */
export const methodOf = (name: MethodName): Method => table[name];
