import { InputError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const values = new Uint8Array(128).fill(255);
codes.forEach((code, value) => {
  values[code] = value;
});
const PAD = '='.charCodeAt(0);

/** Bytes as base64 (RFC 4648), with padding. */
export function toBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  for (let i = 0, p = 0; i < bytes.length; i += 3, p += 4) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[p] = codes[three >> 18];
    out[p + 1] = codes[(three >> 12) & 63];
    out[p + 2] = i + 1 < bytes.length ? codes[(three >> 6) & 63] : PAD;
    out[p + 3] = i + 2 < bytes.length ? codes[three & 63] : PAD;
  }
  return new TextDecoder().decode(out);
}

/** Bytes of base64 text. @throws InputError for anything else. */
export function fromBase64(text: string): Uint8Array {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  if (text.length % 4 !== 0) throw new InputError('the base64 text is cut short');
  const out = new Uint8Array(Math.floor((end * 3) / 4));
  for (let i = 0, p = 0; i < end; i += 4) {
    let four = 0;
    for (let k = 0; k < 4; k++) {
      const value = i + k < end ? (values[text.charCodeAt(i + k)] ?? 255) : 0;
      if (value === 255) throw new InputError(`"${text[i + k]}" is not a base64 letter`);
      four = (four << 6) | value;
    }
    for (let k = 16; k >= 0 && p < out.length; k -= 8) out[p++] = (four >> k) & 255;
  }
  return out;
}
