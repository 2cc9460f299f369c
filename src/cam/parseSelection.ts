import { InputError } from '../tensor/errors.ts';
import type { Neuron, Region, Selection } from './select.ts';

function wholeNumbers(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : undefined;
}

/** `3,17` → [3, 17]; `top:8` → {top: 8}. @throws InputError */
export function parseMaps(text: string): readonly number[] | { top: number } {
  const top = /^\s*top:\s*(\d+)\s*$/.exec(text);
  if (top !== null && Number(top[1]) > 0) return { top: Number(top[1]) };
  const maps = wholeNumbers(text);
  if (maps !== undefined) return maps;
  throw new InputError(`Cannot read maps "${text}": give indices such as 3,17, or the strongest as top:8`);
}

/** `k:y,x` → {k, y, x}, for instance `12:3,4`. @throws InputError */
export function parseNeuron(text: string): Neuron {
  const [k, cell, ...rest] = text.split(':');
  const map = wholeNumbers(k);
  const at = cell === undefined ? undefined : wholeNumbers(cell);
  if (rest.length === 0 && map?.length === 1 && at?.length === 2) return { k: map[0], y: at[0], x: at[1] };
  throw new InputError(`Cannot read neuron "${text}": give map, row and column as k:y,x, such as 12:3,4`);
}

/** `y0,x0,y1,x1` → {y0, x0, y1, x1}, for instance `0,0,7,14`: half-open, in layer cells. @throws InputError */
export function parseRegion(text: string): Region {
  const values = wholeNumbers(text);
  if (values?.length === 4 && values[0] < values[2] && values[1] < values[3]) {
    return { y0: values[0], x0: values[1], y1: values[2], x1: values[3] };
  }
  throw new InputError(
    `Cannot read region "${text}": give layer cells as y0,x0,y1,x1 with y0 < y1 and x0 < x1, such as 0,0,7,14`,
  );
}

/** The texts of --maps, --region and --neuron as a selection; undefined when none is given. @throws InputError */
export function parseSelection(texts: {
  maps?: string | undefined;
  region?: string | undefined;
  neurons?: readonly string[] | undefined;
}): Selection | undefined {
  const selection: Selection = {
    ...(texts.maps === undefined ? {} : { maps: parseMaps(texts.maps) }),
    ...(texts.region === undefined ? {} : { region: parseRegion(texts.region) }),
    ...(texts.neurons?.length ? { neurons: texts.neurons.map(parseNeuron) } : {}),
  };
  return Object.keys(selection).length === 0 ? undefined : selection;
}
