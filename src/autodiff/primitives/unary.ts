import { mapEntries } from '../../tensor/kernels/reference/map.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Elementwise, Sample, Series } from '../primitive.ts';
import { seriesOf } from '../propagate.ts';
import { integrate } from '../series.ts';
import { apply, noAttributes } from '../trace.ts';
import { lift, type Operand } from './lift.ts';

export interface UnaryRow {
  readonly name: string;
  readonly forward: (x: number) => number;
  /** dy/dx, given x and y. */
  readonly derivative: (x: Tensor, y: Tensor) => Tensor;
  /** Coefficients of y given those of x; without it, by integrating the jet of the derivative in x. */
  readonly taylor?: (x: Series, y: Tensor, order: number) => Series;
  /** True pairs (scripts/rowValues.py), at which every mode is checked too. */
  readonly values: readonly (readonly [x: number, y: number])[];
  /** True pairs where differences cannot follow: far out, or close to a pole. */
  readonly tails: readonly (readonly [x: number, y: number])[];
  readonly operation?: false;
  readonly source: string;
}

/** k y_k = Σ_j j x_j d_{k−j}, d the jet of the derivative: for derivatives that are functions of x alone. */
function fromDerivative(derivative: (x: Tensor) => Tensor): (x: Series, y: Tensor, order: number) => Series {
  return (x, y, order) => {
    const d = seriesOf(derivative, x.slice(0, order));
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) out.push(integrate(x, d, k));
    return out;
  };
}

function sampleOf(pairs: UnaryRow['values']): Sample {
  return { inputs: [pairs.map(([x]) => x)], attributes: {}, output: pairs.map(([, y]) => y) };
}

/** A row of a smooth function of one variable. Calls are marked as pure, so that bundlers leave out the rows that nobody uses. */
export function unary(row: UnaryRow): Elementwise {
  const taylor = row.taylor ?? fromDerivative((x) => row.derivative(x, x));
  return {
    name: row.name,
    kind: 'elementwise',
    forward: ([x]) => mapEntries(x, row.forward),
    derivatives: [([x], y) => row.derivative(x, y)],
    taylor: ([x], y, order) => taylor(x, y, order),
    samples: [sampleOf(row.values), { ...sampleOf(row.tails), valuesOnly: true }],
    ...(row.operation === false && { operation: false }),
    source: row.source,
  };
}

/** The function of a unary row. */
export function applyUnary(row: Elementwise, x: Operand): Tensor {
  return apply(row, [lift(x, `take ${row.name}`)], noAttributes);
}
