// Not `createRequire` by name: webpack takes that for its own, and files for modules.
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the package: it finds itself by its name, from src, dist, or a bundle. */
export const packageRoot = (): string =>
  dirname(module.createRequire(import.meta.url).resolve('jetgrad/package.json'));

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

const weights = (file: string) => join(packageRoot(), 'weights', file);

/**
 * Paths of files that come with jetgrad: a small network of twelve classes, and a picture for it.
 * @example
 * const model = await loadModel(bundled.model);
 * const picture = await loadPicture(bundled.picture);
 * model.labels?.length // 12
 */
export const bundled = {
  get model() {
    return weights('scenes-vgg.json');
  },
  get picture() {
    return weights('sample.png');
  },
};
