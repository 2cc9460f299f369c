/** `jetgrad`: everything of `jetgrad/core`, and the bridge to the `ndarray` package. */
export * from './core.ts';
export { toNdarray } from './tensor/ndarray.ts';
