import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { elementSize } from '../data/decode.ts';
import type { ElementType } from '../data/format.ts';

/** A JSON object as it was read. */
export type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a field of a model file. */
export function wrong(field: string, wanted: string, got?: unknown): InputError {
  const what = got === undefined ? '' : `, got ${describe(got)}`;
  return new InputError(`Cannot read the model: ${field} must be ${wanted}${what}`);
}

/** @throws InputError for anything but an object. */
export function asObject(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(where, 'an object', value ?? null);
}

export function listAt(json: Json, field: string): readonly Json[] {
  const value = json[field];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'object' || each === null)) {
    throw wrong(field, 'a list of objects', value ?? null);
  }
  return value;
}

export function textAt(json: Json, field: string, where: string): string {
  const value = json[field];
  if (typeof value !== 'string') throw wrong(`${where}.${field}`, 'a text', value ?? null);
  return value;
}

export function textsAt(json: Json, field: string, where: string): readonly string[] {
  const value = json[field];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
    throw wrong(`${where}.${field}`, 'a list of texts', value ?? null);
  }
  return value;
}

/** Texts, of which there may be none. */
export function optionalTexts(json: Json, field: string, where: string): readonly string[] | undefined {
  return json[field] === undefined ? undefined : textsAt(json, field, where);
}

/** A list of lengths. */
export function shapeAt(json: Json, field: string, where: string): readonly number[] {
  const value = json[field];
  if (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)) return value;
  throw wrong(`${where}.${field}`, 'a list of whole numbers', value ?? null);
}

export function readElementType(value: unknown, where: string): ElementType {
  if (typeof value === 'string' && Object.hasOwn(elementSize, value)) return value as ElementType;
  throw wrong(`${where}.dtype`, 'an element type such as float32', value ?? null);
}
