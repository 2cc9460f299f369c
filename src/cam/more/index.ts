/** `jetgrad/methods`: methods beside those of `jetgrad/core`, and controls. */
export { type MoreMethodName, moreMethods } from './moreMethods.ts';
