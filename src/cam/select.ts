import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantRecord } from '../tensor/options.ts';
import type { Shape } from '../tensor/shape.ts';

/** A rectangle of layer cells, half-open: y0 ≤ y < y1, x0 ≤ x < x1. */
export interface Region {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

/** One entry of the layer: map k, row y, column x. */
export interface Neuron {
  readonly k: number;
  readonly y: number;
  readonly x: number;
}

/** What takes part: maps, a region, single neurons. What is given intersects; what is not given does not restrict. */
export interface Selection {
  /** Maps by index, or the `top` maps by the method's own |w_k|, ties to the lower k. */
  readonly maps?: readonly number[] | { readonly top: number } | undefined;
  readonly region?: Region | undefined;
  readonly neurons?: readonly Neuron[] | undefined;
}

/** A selection on a layer of known shape. */
export interface ChosenEntries {
  /** The maps with at least one entry chosen, ascending. */
  readonly maps: readonly number[];
  /** Row-major positions y·W + x of the entries chosen in map k, ascending. */
  cells(k: number): readonly number[];
  /** How many of the maps to keep once their weights are known. */
  readonly top: number;
}

function checkIndex(value: number, length: number, name: string): void {
  if (Number.isInteger(value) && value >= 0 && value < length) return;
  throw new InputError(`Cannot select: ${name} must be in 0 … ${length - 1}, got ${value}`);
}

function ascending(values: Iterable<number>): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function chosenMaps(maps: Selection['maps'], count: number): { list: number[]; top: number } {
  if (maps === undefined) return { list: range(count), top: count };
  if ('top' in maps) {
    if (!Number.isInteger(maps.top) || maps.top < 1) {
      throw new InputError(`Cannot select: top must be a whole number from 1, got ${maps.top}`);
    }
    return { list: range(count), top: maps.top };
  }
  if (maps.length === 0) throw new InputError('Cannot select: maps is empty; leave it out for all maps');
  for (const k of maps) checkIndex(k, count, 'a map');
  return { list: ascending(maps), top: count };
}

function regionCells(region: Region | undefined, height: number, width: number): number[] {
  const { y0, x0, y1, x1 } = region ?? { y0: 0, x0: 0, y1: height, x1: width };
  const fits = (a: number, b: number, length: number) =>
    Number.isInteger(a) && Number.isInteger(b) && a >= 0 && a < b && b <= length;
  if (!fits(y0, y1, height) || !fits(x0, x1, width)) {
    throw new InputError(
      `Cannot select: a region y0,x0,y1,x1 must have 0 ≤ y0 < y1 ≤ ${height} and 0 ≤ x0 < x1 ≤ ${width} ` +
        `in layer cells, got ${[y0, x0, y1, x1].join(',')}`,
    );
  }
  const rows = range(y1 - y0).map((row) => (row + y0) * width);
  return rows.flatMap((start) => range(x1 - x0).map((column) => start + x0 + column));
}

/** Entries of each map that holds a chosen neuron. */
function neuronCells(neurons: readonly Neuron[], [count, height, width]: Shape): Map<number, number[]> {
  if (neurons.length === 0)
    throw new InputError('Cannot select: neurons is empty; leave it out for all neurons');
  const cells = new Map<number, number[]>();
  for (const neuron of neurons) {
    wantRecord(neuron, 'a neuron', 'select');
    const { k, y, x } = neuron;
    checkIndex(k, count, "a neuron's map k");
    checkIndex(y, height, "a neuron's row y");
    checkIndex(x, width, "a neuron's column x");
    cells.set(k, [...(cells.get(k) ?? []), y * width + x]);
  }
  return cells;
}

/**
 * The entries of a layer [K, H, W] that a selection means: maps ∩ region ∩ neurons, the whole layer without one.
 * The intersection may be empty; each part alone may not.
 * @throws InputError naming the bounds when an index is outside of the layer.
 */
export function chooseEntries(selection: Selection | undefined, shape: Shape): ChosenEntries {
  const action = 'select';
  checkOptions(selection, { maps: ['list', 'record'], region: 'record', neurons: 'list' }, action);
  const [count, height, width] = shape;
  const { list, top } = chosenMaps(selection?.maps, count);
  const region = regionCells(selection?.region, height, width);
  if (selection?.neurons === undefined) return { maps: list, cells: () => region, top };
  const inside = new Set(region);
  const byMap = neuronCells(selection.neurons, shape);
  const cells = (k: number) => ascending((byMap.get(k) ?? []).filter((cell) => inside.has(cell)));
  return { maps: list.filter((k) => cells(k).length > 0), cells, top };
}

/** The `top` maps by |w_k| among `maps`, ties to the lower k; ascending. */
export function strongestMaps(weights: ArrayLike<number>, maps: readonly number[], top: number): number[] {
  const strongest = [...maps].sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b);
  return ascending(strongest.slice(0, top));
}
