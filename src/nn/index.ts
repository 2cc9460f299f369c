/** `jetgrad/nn`: what small networks are trained with, over trees of parameters. */
export { type LinearParameters, linear, linearParameters } from './linear.ts';
export { type AdamOptions, adam, type Optimizer, type SgdOptions, sgd } from './optimizers.ts';
