import { readFileSync } from 'node:fs';
// Not `createRequire` by name: webpack takes that for its own, and files for modules.
import module from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** A file of others that pictures are read and drawn with, as the build has packed it: found from src, dist, or a bundle. */
export function packedFile(name: string): Uint8Array {
  const root = dirname(module.createRequire(import.meta.url).resolve('jetgrad/package.json'));
  return brotliDecompressSync(readFileSync(join(root, 'dist/packed', `${name}.br`)));
}
