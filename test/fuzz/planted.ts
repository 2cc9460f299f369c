/** Readers with one fault each, for the test of what watches them; inputs hold their own number. */
import { InputError } from '../../src/tensor/errors.ts';
import { BackendsDiffer, type FuzzReader } from '../support/fuzz/reader.ts';

/** Which of the seeds, 0 … 7, is the one at fault. */
export const FAULTY = 3;

function planted(name: string, fault: () => unknown): FuzzReader {
  return {
    name,
    seeds: () => Array.from({ length: 8 }, (_, i) => Uint8Array.of(i)),
    mutate: (random) => Uint8Array.of(100 + random.integer(100)),
    read([number]) {
      if (number === FAULTY) return fault();
      if (number % 2 === 1) throw new InputError('Cannot use it: it is odd');
      return number;
    },
  };
}

const spin = () => {
  for (;;);
};

export const readers: readonly FuzzReader[] = [
  planted('sound', () => 0),
  planted('untyped', () => {
    throw new TypeError('not a function');
  }),
  planted('untyped-later', () => Promise.reject(new RangeError('Invalid typed array length'))),
  planted('hang', spin),
  planted('waits', () => new Promise(() => {})),
  planted('death', () => process.abort()),
  planted('rejects-elsewhere', () => {
    setImmediate(() => Promise.reject(new Error('nobody listens')));
    return new Promise((resolve) => setTimeout(resolve, 1000));
  }),
  planted('memory', () => new Uint8Array(9e8).fill(1)),
  planted('differ', () => {
    throw new BackendsDiffer('1 is not 2');
  }),
  { ...planted('absent', spin), seeds: () => [] },
];
