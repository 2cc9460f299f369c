import { InputError } from '../../tensor/errors.ts';
import { beyond, limits } from '../../tensor/limits.ts';
import type { Preprocessing } from '../data/format.ts';

type Fields = Readonly<Record<string, unknown>>;
type Fail = (field: string, wanted: string) => never;

/** How cells are weighed where pictures are resized. */
export const filterNames = ['bilinear', 'bicubic', 'nearest'] as const;

const fields = ['channels', 'scale', 'mean', 'std', 'resize', 'crop', 'filter'];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isLength = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const longest = limits.side.value;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function oneOf<T extends string>(field: string, value: unknown, names: readonly T[], fail: Fail): T {
  return names.find((name) => name === value) ?? fail(field, names.join(', '));
}

function perChannel(field: string, value: unknown, count: number, fail: Fail): number[] {
  const fits = Array.isArray(value) && value.length === count && value.every(isNumber);
  return fits ? value : fail(field, count === 1 ? 'a list of one number' : `a list of ${count} numbers`);
}

/** A length that the picture may have. */
function bounded(field: string, length: number, fail: Fail): number {
  return length <= longest
    ? length
    : fail(field, `at most ${longest} pixels; ${beyond(limits.side, length)}`);
}

function resizeOf(value: unknown, fail: Fail): NonNullable<Preprocessing['resize']> {
  if (isObject(value)) {
    const { shorterSide, width, height, ...others } = value;
    const rest = Object.keys(others).length;
    const count = Object.keys(value).length;
    if (rest === 0 && count === 1 && isLength(shorterSide)) {
      return { shorterSide: bounded('resize', shorterSide, fail) };
    }
    if (rest === 0 && count === 2 && isLength(width) && isLength(height)) {
      return { width: bounded('resize', width, fail), height: bounded('resize', height, fail) };
    }
  }
  return fail(
    'resize',
    '{"shorterSide": pixels} or {"width": pixels, "height": pixels}, whole numbers above 0',
  );
}

function cropOf(value: unknown, fail: Fail): [number, number] {
  const lengths: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const [height, width] = lengths;
  if (lengths.length === 2 && isLength(height) && isLength(width)) {
    return [bounded('crop', height, fail), bounded('crop', width, fail)];
  }
  return fail('crop', '[height, width] in pixels, or one length for both');
}

/** Largest number of float32, which networks take. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** @throws by `fail` where a pixel of 0 … 255 comes out as no number. */
function checkRange({ scale, mean, std }: Pick<Preprocessing, 'scale' | 'mean' | 'std'>, fail: Fail): void {
  if (std.includes(0)) fail('std', 'different from 0 in every channel');
  const most = std.map((each, c) => (255 * Math.abs(scale) + Math.abs(mean[c])) / Math.abs(each));
  if (most.every((value) => value <= LARGEST)) return;
  fail('scale, mean and std', 'such that (255 · scale − mean) / std is a number of float32 in every channel');
}

/**
 * Preprocessing from JSON, checked. What is absent is plain: RGB, scale 1/255, mean 0, std 1, bilinear, stretched to
 * the network's input.
 * @throws InputError naming the field and what it must be; unknown fields are refused.
 * @example
 * parsePreprocessing({ channels: 'gray', scale: 1 }, 'digits.json').mean // [0]
 */
export function parsePreprocessing(json: unknown, where: string): Preprocessing {
  const fail: Fail = (field, wanted) => {
    throw new InputError(`Cannot use the preprocessing of ${String(where)}: ${field} must be ${wanted}`);
  };
  if (!isObject(json)) return fail('it', `a JSON object with ${fields.join(', ')}`);
  const stranger = Object.keys(json).find((field) => !fields.includes(field));
  if (stranger !== undefined) return fail(`its field "${stranger}"`, `one of ${fields.join(', ')}`);
  const channels = oneOf('channels', json.channels ?? 'RGB', ['RGB', 'BGR', 'gray'], fail);
  const filter = oneOf('filter', json.filter ?? 'bilinear', filterNames, fail);
  const count = channels === 'gray' ? 1 : 3;
  const all = (value: number) => new Array<number>(count).fill(value);
  const scale = json.scale ?? 1 / 255;
  if (!isNumber(scale)) return fail('scale', 'a number');
  const mean = perChannel('mean', json.mean ?? all(0), count, fail);
  const std = perChannel('std', json.std ?? all(1), count, fail);
  checkRange({ scale, mean, std }, fail);
  return {
    ...{ channels, scale, mean, std, filter },
    ...(json.resize !== undefined && { resize: resizeOf(json.resize, fail) }),
    ...(json.crop !== undefined && { crop: cropOf(json.crop, fail) }),
  };
}
