/** `jetgrad/page`: models and explanations in a page, without Node. */
export type { ByteSource, WholeReadable } from './byteSource.ts';
export type { WorkerLike } from './channel.ts';
export { createExplainer, type Explainer } from './createExplainer.ts';
export type { DrawOptions, ExplainerOptions, PageExplainOptions } from './explainerOptions.ts';
export type { ByMethod, ModelSummary, PageExplanation } from './messages.ts';
export { type OpenModelOptions, openModel } from './openModel.ts';
export type { Drawable, PictureSource } from './pictureSource.ts';
