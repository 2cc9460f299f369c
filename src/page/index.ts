/** `jetgrad/page`: models and explanations in a page, without Node. */
export type { ByteSource, WholeReadable } from './byteSource.ts';
export { type OpenModelOptions, openModel } from './openModel.ts';
