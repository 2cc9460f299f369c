import type { Preprocessing } from '../model/format.ts';
import { InputError } from '../tensor/errors.ts';

const fields = ['channels', 'scale', 'mean', 'std', 'resize', 'crop', 'filter'];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isLength = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

/** Preprocessing of a JSON object, checked. @throws InputError naming the field and what it must be. */
export function parsePreprocessing(json: unknown, where: string): Preprocessing {
  const fail = (field: string, wanted: string): never => {
    throw new InputError(`Cannot use the preprocessing of ${where}: ${field} must be ${wanted}`);
  };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('it', 'a JSON object');
  const given = json as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(given).find((field) => !fields.includes(field));
  if (stranger !== undefined) fail(`its field ${stranger}`, `one of ${fields.join(', ')}`);
  const { channels = 'RGB', scale = 1 / 255, resize, crop, filter = 'bilinear' } = given;
  if (channels !== 'RGB' && channels !== 'BGR' && channels !== 'gray')
    return fail('channels', 'RGB, BGR or gray');
  const count = channels === 'gray' ? 1 : 3;
  const perChannel = (field: string, fallback: number): number[] => {
    const value = given[field] ?? new Array<number>(count).fill(fallback);
    if (!Array.isArray(value) || value.length !== count || !value.every(isNumber))
      fail(field, `a list of ${count} numbers`);
    return value as number[];
  };
  const mean = perChannel('mean', 0);
  const std = perChannel('std', 1);
  if (std.includes(0)) fail('std', 'different from 0');
  if (!isNumber(scale)) return fail('scale', 'a number');
  if (filter !== 'bilinear' && filter !== 'nearest') return fail('filter', 'bilinear or nearest');
  const side = resize as { shorterSide?: unknown; width?: unknown; height?: unknown } | undefined;
  if (side !== undefined && !isLength(side.shorterSide) && !(isLength(side.width) && isLength(side.height))) {
    fail('resize', '{"shorterSide": pixels} or {"width": pixels, "height": pixels}');
  }
  if (crop !== undefined && !(Array.isArray(crop) && crop.length === 2 && crop.every(isLength))) {
    fail('crop', '[height, width] in pixels');
  }
  return {
    ...{ channels, scale, mean, std, filter },
    ...(side !== undefined && { resize: side as NonNullable<Preprocessing['resize']> }),
    ...(crop !== undefined && { crop: crop as [number, number] }),
  };
}
