import { checkDerivatives, type DerivativeCheck } from '../../autodiff/check.ts';
import { mul, sum } from '../../autodiff/operations.ts';
import { InputError } from '../../tensor/errors.ts';
import { createRandom } from '../../tensor/random.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { fromData, item, type Tensor } from '../../tensor/tensor.ts';
import { beside, type Checked, evaluateAt, holdsFloats, steers, withInput } from './sample.ts';

type Comparisons = DerivativeCheck['comparisons'];

/**
 * Comparisons that cannot hold: differences of values that are rounded are those of another function, and where a scale is held,
 * differences of derivatives are, too.
 */
const leftOut = {
  no: () => false,
  fixed: ({ what }: Comparisons[number]) => /differences of (f|derivative 0)$/.test(what),
  scaled: ({ what }: Comparisons[number]) => what.includes('differences'),
};

/** Whether an operator says that it takes constants only where it was given what is differentiated. */
export const wantsConstants = (error: unknown): boolean =>
  error instanceof InputError && /hold that input constant|on constants/.test(error.message);

/** The first check of derivatives that holds at one of the points, else the last; undefined where f refuses or is not finite. */
function checkSomewhere(
  f: (x: Tensor) => Tensor,
  points: readonly Tensor[],
  isLeftOut: (comparison: Comparisons[number]) => boolean,
): Comparisons | undefined {
  let last: Comparisons | undefined;
  for (const x of points) {
    try {
      if (![x, beside(x, 1, 0.001)].every((each) => Number.isFinite(item(f(each))))) continue;
      last = checkDerivatives(f, x).comparisons.filter((each) => !isLeftOut(each));
    } catch (error) {
      if (wantsConstants(error)) return undefined;
      throw error;
    }
    if (last.every(({ ok }) => ok)) return last;
  }
  return last;
}

/** A sum of the first output's entries with weights that stay, as a function of input `which`. */
function weighted(checked: Checked, which: number): (x: Tensor) => Tensor {
  const random = createRandom(4, which);
  const weights = new Map<number, Tensor>();
  return (x) => {
    const [y] = evaluateAt(checked, withInput(checked.sample, which, x));
    const size = sizeOf(y.shape);
    const known = weights.get(size);
    const w =
      known ??
      fromData(
        Float64Array.from({ length: size }, () => random.normal()),
        y.shape,
      );
    weights.set(size, w);
    return sum(mul(w, y));
  };
}

/** Every mode of differentiation against another one and against differences, in each input that holds floats. */
export function derivatives(checked: Checked): readonly string[] | undefined {
  const { row, sample } = checked;
  const found = sample.inputs.map((input, which) => {
    if (!holdsFloats(input) || steers(row, which) || input.x.data.length === 0) return undefined;
    // A sample may lie at a kink, where differences say nothing: a wrong rule is wrong beside it, too.
    const points = [
      input.x,
      beside(input.x, 0.9, 0.013),
      beside(input.x, 1.03, 0.027),
      beside(input.x, 1.1, 0.31),
      beside(input.x, 0.7, 2.1),
    ];
    const check = checkSomewhere(weighted(checked, which), points, leftOut[row.straightThrough ?? 'no']);
    return check
      ?.filter(({ ok }) => !ok)
      .map(({ what, error }) => `the derivatives in input ${which}: ${what} differ by ${error}`);
  });
  const checks = found.filter((each) => each !== undefined);
  return checks.length === 0 ? undefined : checks.flat();
}
