import { Assertion } from 'uvu/assert';
import { checkRandomGradients } from '../random/checkRandomGradients.ts';
import { checkRandomModel, isAccurate, type Verdict } from '../random/checkRandomModel.ts';
import { BackendsDiffer, type FuzzReader } from './reader.ts';

const encode = (seed: number) => new Uint8Array(Float64Array.of(seed).buffer);
const decode = (bytes: Uint8Array) => new Float64Array(bytes.slice().buffer)[0];

/** A random network by its number: values against the reference, bits over threads, batches and places; see test/support/random. */
function networkReader(name: string, check: (seed: number) => Promise<Verdict | undefined>): FuzzReader {
  return {
    name,
    seeds: () => [encode(0)],
    mutate: (random) => encode(random.integer(2 ** 31)),
    async read(bytes) {
      const seed = decode(bytes);
      const verdict = await check(seed).catch((error: unknown) => {
        if (error instanceof Assertion) throw new BackendsDiffer(`network ${seed}: ${error.message}`);
        throw error;
      });
      if (verdict === undefined || isAccurate(verdict)) return;
      const [error, roundings] = [verdict.error, verdict.roundings].map((x) => x.toExponential(1));
      throw new BackendsDiffer(`network ${seed}: error ${error}, of the reference in float32 ${roundings}`);
    },
    suiteInputs: 5,
  };
}

export const networkReaders: readonly FuzzReader[] = [
  networkReader('networks', checkRandomModel),
  networkReader('network-gradients', checkRandomGradients),
];
