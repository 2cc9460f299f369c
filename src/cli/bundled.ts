import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Two folders down in src/ as in dist/, where it is bundled.
const root = new URL('../../', import.meta.url);

/** The bundled model, explained where --model is not given. */
export const bundledModel = fileURLToPath(new URL('weights/scenes-vgg.json', root));

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  return version;
}
