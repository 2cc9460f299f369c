/**
 * Bytes as printable text, most of them one character each, whole: a page's compression finds in it what it finds in the bytes, where
 * base64 hides it. The bytes of WebAssembly, turned by SHIFT, lie mostly below ONE.
 */
const SHIFT = 5;
const ONE = 92; // as many stand for themselves, as the characters from # to ~
const FIRST = 35; // #; the two characters before it say that the next is ONE or 2 · ONE higher

export function toByteText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const value = (byte + SHIFT) & 255;
    const higher = Math.floor(value / ONE);
    return (
      (higher > 0 ? String.fromCharCode(FIRST - higher) : '') + String.fromCharCode(FIRST + (value % ONE))
    );
  }).join('');
}

export function fromByteText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let higher = 0;
  for (let i = 0; i < text.length; i++) {
    const value = text.charCodeAt(i) - FIRST;
    if (value < 0) higher = -value;
    else {
      bytes[length++] = higher * ONE + value - SHIFT;
      higher = 0;
    }
  }
  return bytes.subarray(0, length);
}
