/** How files of other kinds begin, and what to do with them. */
const kinds: readonly (readonly [start: string, kind: string, wayOut: string])[] = [
  ['\x89PNG', 'a PNG picture', 'give an .onnx file'],
  ['\xff\xd8\xff', 'a JPEG picture', 'give an .onnx file'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file itself', 'fetch it with git lfs pull'],
  ['PK\x03\x04', 'a zip archive, as PyTorch saves', 'export it with torch.onnx.export'],
  ['\x80\x02', 'a Python pickle, as PyTorch saves', 'export it with torch.onnx.export'],
  ['\x89HDF', 'an HDF5 file, as Keras saves', 'convert it with tf2onnx'],
  ['<!doctype html', 'a web page', 'look at the address'],
  ['<!DOCTYPE html', 'a web page', 'look at the address'],
  ['\x1f\x8b', 'compressed with gzip', 'unpack it first'],
];

/** Why bytes are no ONNX model, and the way out. */
export function notOnnx(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'the file is empty; give a complete .onnx file';
  const start = Array.from(bytes.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('');
  const found = kinds.find(([begins]) => start.startsWith(begins));
  if (found !== undefined) return `it is ${found[1]}; ${found[2]}`;
  const isText = bytes.length >= 16 && /^[\t\n\r\x20-\x7e]+$/.test(start);
  const what = isText ? 'it is a text' : 'it is not an ONNX model, or it is cut short';
  return `${what}; give a complete .onnx file`;
}
