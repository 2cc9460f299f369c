import { largestOf, leastOf } from '../../tensor/largest.ts';
import type { Shape } from '../../tensor/shape.ts';
import { samePlacement } from './layout.ts';
import { greatestDivisor, movesIn, type Placement, type Places, type Role, type Steps } from './placement.ts';
import { withPeriod } from './spread.ts';

/** An input of a primitive: its shape, and where its entries lie. What no pixel reaches lies nowhere. */
export interface PlacedInput {
  readonly shape: Shape;
  readonly ways: readonly Placement[];
}

/**
 * A side that is put together of its end and its start goes on past its end, so that windows of it are sums of steps, too; one that has been
 * rolled back is a side as before.
 */
function rolled(steps: Steps): Steps {
  const role = movesIn('y', steps) ? 'y' : 'x';
  if (role === 'y' && movesIn('x', steps)) return steps;
  const values = steps[role];
  const { length } = values;
  // Cells of a coarser grid are several of the first one's apart.
  const side = values.reduce((sum, value) => greatestDivisor(sum, value - values[0]), 0);
  const whole = length * side;
  const isWhole = leastOf(values) === 0 && largestOf(values) === whole - side;
  const period = steps.period?.[role] ?? (isWhole ? whole : 0);
  const isTurn = (value: number, i: number) => (value - values[0] - i * side) % whole === 0;
  if (period !== whole || !values.every(isTurn)) return steps;
  const start = values[0] % whole;
  const along = values.map((_, i) => start + i * side);
  const { y, x } = steps;
  const turned = role === 'y' ? { y: along, x } : { y, x: along };
  return start === 0 ? turned : { ...turned, period: { [role]: whole } };
}

/** One behind another: those of no place lie nowhere along an axis that places lie along. */
export function joined(inputs: readonly PlacedInput[], axis: number): Places {
  const at = axis + inputs[0].shape.length;
  const placed = inputs.filter(({ ways }) => ways.length > 0);
  if (placed.length === 0) return [];
  if (placed.some(({ ways }) => ways.length > 1)) return 'lost';
  const isAlong = placed.some(({ ways: [way] }) => way[at] !== undefined);
  const others = (way: Placement) => way.map((steps, i) => (i === at ? undefined : steps));
  const [first] = placed;
  if (placed.some(({ ways: [way] }) => !samePlacement(others(way), others(first.ways[0])))) {
    const isSame = !isAlong && placed.every(({ ways: [way] }) => samePlacement(way, first.ways[0]));
    return isSame ? first.ways : 'lost';
  }
  if (!isAlong) return first.ways;
  const along = (role: Role) => {
    const parts = inputs.map(({ ways, shape }) => {
      const none = ways.length === 0 ? Number.NaN : 0;
      return ways[0]?.[at]?.[role] ?? new Float64Array(shape[at]).fill(none);
    });
    const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((from, part) => {
      out.set(part, from);
      return from + part.length;
    }, 0);
    return out;
  };
  const steps = withPeriod(
    { y: along('y'), x: along('x') },
    placed.map(({ ways: [way] }) => way[at]),
  );
  return [first.ways[0].map((own, i) => (i === at ? rolled(steps) : own))];
}
