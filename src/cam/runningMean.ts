/** A mean of arrays that can be read after every one of them. */
export interface RunningMean {
  /** mean += (factor·x − mean)/s for the s-th x. */
  add(x: ArrayLike<number>, factor?: number): void;
  /** mean *= factor: when the unit of the values changes. */
  rescale(factor: number): void;
  /** A copy of the mean so far. */
  values(): Float64Array;
}

/** The mean in order of arrival: n identical arrays give identical bits, and more arrays extend fewer. */
export function createRunningMean(size: number): RunningMean {
  const mean = new Float64Array(size);
  let count = 0;
  return {
    add(x, factor = 1) {
      count++;
      for (let i = 0; i < size; i++) {
        const value = factor === 1 ? x[i] : factor * x[i];
        // the first value as it is, and no step of 0: both keep the sign of −0
        if (count === 1) mean[i] = value;
        else if (value !== mean[i]) mean[i] += (value - mean[i]) / count;
      }
    },
    rescale(factor) {
      for (let i = 0; i < size; i++) mean[i] *= factor;
    },
    values: () => mean.slice(),
  };
}
