const ORIENTATION = 0x0112;
/** Number of a value's kind: how many bytes it has. */
const BYTE = 1;
const SHORT = 3;
const LONG = 4;

/** Where the TIFF block begins: behind "Exif" and two zeros in a JPEG, at once in a PNG. */
function blockOf(exif: Uint8Array): DataView {
  const from = exif[0] === 0x45 && exif[1] === 0x78 ? 6 : 0;
  const block = exif.subarray(from);
  return new DataView(block.buffer, block.byteOffset, block.byteLength);
}

/**
 * How the camera was held, 1 … 8, of an Exif segment or a bare TIFF block; 1 where it does not say: broken metadata must
 * not hide a good picture. Only the first directory's own entry is looked at, so that no count or offset of a file can
 * cost memory or time. Source: Exif 2.32, 4.6.2 to 4.6.4.
 */
export function exifOrientation(exif: Uint8Array | undefined): number {
  if (exif === undefined) return 1;
  const block = blockOf(exif);
  if (block.byteLength < 8) return 1;
  const order = block.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || block.getUint16(2, little) !== 42) return 1;
  const directory = block.getUint32(4, little);
  if (directory + 2 > block.byteLength) return 1;
  const count = block.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > block.byteLength) return 1;
    if (block.getUint16(at, little) === ORIENTATION) return valueAt(block, at, little);
  }
  return 1;
}

/** The number of an entry that has just one. */
function valueAt(block: DataView, at: number, little: boolean): number {
  if (block.getUint32(at + 4, little) !== 1) return 1;
  const kind = block.getUint16(at + 2, little);
  if (kind === SHORT) return block.getUint16(at + 8, little);
  if (kind === LONG) return block.getUint32(at + 8, little);
  return kind === BYTE ? block.getUint8(at + 8) : 1;
}
