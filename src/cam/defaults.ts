/**
 * What is chosen where nothing is said: read by the library, the command and its help.
 * @example
 * defaults.samples // 25
 */
export const defaults = {
  score: 'exp',
  numerator: 'second',
  /** Noisy inputs. */
  samples: 25,
  /** Noise, relative to the range of the preprocessed image. */
  sigma: 0.15,
  seed: 0,
} as const;
