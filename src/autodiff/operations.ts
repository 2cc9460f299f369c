/** The differentiable operations, as functions of tensors. */
export { norm } from './norm.ts';
export { add, mul, neg, sub } from './primitives/arithmetic.ts';
export { argExtreme, ceil, equal, floor, greater, less, round, sign } from './primitives/constant.ts';
export { type CumsumOptions, cumsum } from './primitives/cumulative.ts';
export { div } from './primitives/division.ts';
export { cosh, exp, expm1, log, log1p, sigmoid, sinh, softplus, tanh } from './primitives/exponential.ts';
export { max, maxPool, min } from './primitives/extremes.ts';
export { putAt, take, takeAt } from './primitives/indexing.ts';
export { concat, stack, transpose } from './primitives/joining.ts';
export type { Operand } from './primitives/lift.ts';
export { abs, clip, leakyRelu, maximum, minimum, relu, threshold, where } from './primitives/piecewise.ts';
export { pow, power, reciprocal, softsign, sqrt, square } from './primitives/powers.ts';
export { matmul } from './primitives/products.ts';
export { broadcastTo, onesLike, reshape, sum, zerosLike } from './primitives/shaping.ts';
export { erf, erfc } from './primitives/special.ts';
export { acos, acosh, asin, asinh, atan, atanh, cos, sin, tan } from './primitives/trigonometric.ts';
