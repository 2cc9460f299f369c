import { wantNumber } from './options.ts';
import type { Shape } from './shape.ts';
import { type DType, type Tensor, zeros } from './tensor.ts';

/** A stream of random numbers with the same bits on every machine: integer arithmetic and + − × ÷ √ only. */
export interface Random {
  /** A float64 in [0, 1), from 53 random bits. */
  uniform(): number;
  /** A standard normal number, by inversion (accurate to about 1e-16). */
  normal(): number;
  /** A tensor of standard normal numbers, drawn in row-major order. */
  normals(shape: Shape, dtype?: DType): Tensor;
  /** An integer in [0, n). */
  integer(n: number): number;
}

/** A bijective scramble of 32 bits (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));

/**
 * A random stream that depends on (seed, stream) alone: xoshiro128** on a state hashed from both.
 * Source: Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators".
 * @example
 * createRandom(1).uniform() === createRandom(1).uniform() // true
 */
export function createRandom(seed: number, stream = 0): Random {
  wantNumber(seed, 'the seed', 'make random numbers');
  wantNumber(stream, 'the stream', 'make random numbers');
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  const state = new Int32Array(4);
  let mixed = scramble(low ^ 0x9e3779b9);
  for (const word of [high, stream >>> 0, Math.floor(stream / 2 ** 32) >>> 0]) {
    mixed = scramble(mixed ^ scramble(word + 0x7f4a7c15));
  }
  for (let i = 0; i < 4; i++) {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    state[i] = scramble(mixed);
  }
  if (state.every((word) => word === 0)) state[0] = 1;

  function bits(): number {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  }
  // 53 bits: 27 from one word, 26 from the next.
  const uniform = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  const normal = () => normalQuantile(uniform() + 2 ** -54);
  return {
    uniform,
    normal,
    normals(shape, dtype) {
      const x = zeros(shape, dtype);
      for (let i = 0; i < x.data.length; i++) x.data[i] = normal();
      return x;
    },
    integer: (n) => Math.floor(uniform() * wantNumber(n, 'n', 'draw a whole number')),
  };
}

/** ln x for 0 < x ≤ 1 by 2 atanh((m − 1)/(m + 1)) + e ln 2: basic arithmetic only, so the same bits everywhere. */
function portableLog(x: number): number {
  let exponent = 0;
  let mantissa = x;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum + exponent * Math.LN2;
}

/** Eight coefficients, of x⁰ to x⁷. */
type Polynomial = readonly [number, number, number, number, number, number, number, number];

const at = (p: Polynomial, x: number) =>
  ((((((p[7] * x + p[6]) * x + p[5]) * x + p[4]) * x + p[3]) * x + p[2]) * x + p[1]) * x + p[0];

const ratio = (top: Polynomial, bottom: Polynomial, x: number) => at(top, x) / at(bottom, x);

const CENTRE = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852546,
  ],
] as const satisfies readonly Polynomial[];
const SHOULDER = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const satisfies readonly Polynomial[];
const TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const satisfies readonly Polynomial[];

/**
 * The x with Φ(x) = p, for 0 < p < 1. Relative error about 1e-16.
 * Source: Wichura 1988, algorithm AS 241 (PPND16).
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE[0], CENTRE[1], 0.180625 - q * q);
  const r = Math.sqrt(-portableLog(q < 0 ? p : 1 - p));
  const x = r <= 5 ? ratio(SHOULDER[0], SHOULDER[1], r - 1.6) : ratio(TAIL[0], TAIL[1], r - 5);
  return q < 0 ? -x : x;
}
