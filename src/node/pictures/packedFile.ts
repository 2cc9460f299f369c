import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { packageRoot } from '../ownPackage.ts';

/** A file of others that pictures are read and drawn with, as the build has packed it. */
export function packedFile(name: string): Uint8Array {
  return brotliDecompressSync(readFileSync(join(packageRoot(), 'dist/packed', `${name}.br`)));
}
