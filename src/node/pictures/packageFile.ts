// Not `createRequire` by name: webpack takes that for its own, and files for modules.
import module from 'node:module';

/** The path of a package's file, from wherever this one stands: src, dist, or a bundle. */
export const packageFile = (path: string): string => module.createRequire(import.meta.url).resolve(path);
