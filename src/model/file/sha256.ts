/** The first 32 bits of the fractional parts of a root of the first primes, as FIPS 180-4 takes its constants. */
function primeRoots(count: number, root: (prime: number) => number): Int32Array {
  const out = new Int32Array(count);
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((p) => n % p !== 0)) {
      const fraction = root(n) % 1;
      out[primes.length] = Math.floor(fraction * 2 ** 32) | 0;
      primes.push(n);
    }
  }
  return out;
}

const K = primeRoots(64, Math.cbrt);
const START = primeRoots(8, Math.sqrt);

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** One 64-byte block. */
function compress(state: Int32Array, words: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15];
    const b = words[i - 2];
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/**
 * SHA-256 of byte chunks one after another, as lower-case hexadecimal digits. Our own, because `jetgrad/core` imports
 * nothing and the Web Crypto digest is asynchronous and absent from pages without a secure context.
 * Source: FIPS 180-4.
 */
export function sha256(chunks: Iterable<Uint8Array>): string {
  const state = START.slice();
  const words = new Int32Array(64);
  const block = new Uint8Array(64);
  const blockView = new DataView(block.buffer);
  let held = 0;
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(64 - held, chunk.length);
      block.set(chunk.subarray(0, at), held);
      held += at;
      if (held < 64) continue;
      compress(state, words, blockView, 0);
      held = 0;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (; at + 64 <= chunk.length; at += 64) compress(state, words, view, at);
    block.set(chunk.subarray(at));
    held = chunk.length - at;
  }
  const tail = new Uint8Array(held < 56 ? 64 : 128);
  tail.set(block.subarray(0, held));
  tail[held] = 0x80;
  const view = new DataView(tail.buffer);
  view.setBigUint64(tail.length - 8, BigInt(length) * 8n);
  for (let at = 0; at < tail.length; at += 64) compress(state, words, view, at);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
