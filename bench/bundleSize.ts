import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes of all that the built `jetgrad/core` exports, as bundlers take it, minified and compressed. */
export async function bundleSize(root: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'dist/modules/core.js')],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
