import type { StoredTensor } from '../../src/model/data/format.ts';
import { createRandom } from '../../src/tensor/random.ts';

/** The tensors of a network while it is built. Each function stores one and gives its name back. */
export interface Tensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Uniform with the variance gain/fan-in, so that activations keep their size. Source: He et al. 2015. */
  weights(name: string, shape: readonly number[], gain: number): string;
  uniform(name: string, shape: readonly number[], range: readonly [low: number, high: number]): string;
  constant(name: string, values: Float32Array, shape: readonly number[]): string;
  zeros(name: string, length: number): string;
  integers(name: string, values: number | readonly number[]): string;
}

/** Seeded random tensors; each has a random stream of its own. */
export function createTensors(seed: number): Tensors {
  const tensors = new Map<string, StoredTensor>();
  function constant(name: string, values: Float32Array, shape: readonly number[]): string {
    tensors.set(name, { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) });
    return name;
  }
  const uniform: Tensors['uniform'] = (name, shape, [low, high]) => {
    const random = createRandom(seed, tensors.size);
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < values.length; i++) values[i] = low + random.uniform() * (high - low);
    return constant(name, values, shape);
  };
  return {
    tensors,
    uniform,
    constant,
    weights(name, shape, gain) {
      const reach = Math.sqrt((3 * gain) / shape.slice(1).reduce((a, b) => a * b, 1));
      return uniform(name, shape, [-reach, reach]);
    },
    integers(name, values) {
      const list = typeof values === 'number' ? [values] : values;
      const bytes = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
      const shape = typeof values === 'number' ? [] : [list.length];
      tensors.set(name, { dtype: 'int64', shape, bytes });
      return name;
    },
    zeros: (name, length) => constant(name, new Float32Array(length), [length]),
  };
}
