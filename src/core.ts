/**
 * `jetgrad/core`: tensors, automatic differentiation, exact diagonals, models and class activation maps. Imports nothing
 * but its own files, and needs neither eval nor Node.
 */
// The order is that of a page's bundle: what is alike lies close together, where compression finds it. First the bytes of the kernels,
// which in the middle would part the rest. What computes:

export { type Backend, type BackendName, backend, setBackend } from './tensor/kernels/backend.ts';

// Tensors:

export { InputError, ShapeError, UnsupportedOperationError } from './tensor/errors.ts';
export { type Spawn, setThreads, type Thread, threadCount } from './tensor/kernels/wasm/threads.ts';
export { createRandom, type Random } from './tensor/random.ts';
export {
  asTensor,
  castTo,
  type DType,
  type FloatArray,
  fromData,
  full,
  item,
  type NdarrayLike,
  type NestedNumbers,
  type NumberArray,
  type Tensor,
  type TensorLike,
  tensor,
  toNested,
  zeros,
} from './tensor/tensor.ts';

// Exact diagonals:

export { type DiagonalOptions, diagonal, diagonalAsync } from './autodiff/diagonal/diagonal.ts';
export type { Certificate, DiagonalResult, Plan } from './autodiff/diagonal/diagonalResult.ts';
export type { Pruned } from './autodiff/diagonal/plan.ts';
export type { Candidate, PlanName } from './autodiff/diagonal/plans.ts';
export type { Directions, Merging, Score } from './autodiff/diagonal/score.ts';

// Derivatives:

export { type CheckOptions, checkDerivatives, type DerivativeCheck } from './autodiff/check.ts';
export { checkPrimitive, type PrimitiveCheck, type RowError } from './autodiff/checkPrimitive.ts';
export {
  definePrimitive,
  type ElementwiseRow,
  mapEntries,
  type PrimitiveRow,
} from './autodiff/definePrimitive.ts';
export { jvp } from './autodiff/forward.ts';
export { hessianBlock } from './autodiff/hessianBlock.ts';
export { hessian, hvp } from './autodiff/mixed.ts';
export * from './autodiff/operations.ts';
export type {
  Bilinear,
  Constant,
  Elementwise,
  KinkCounts,
  Linear,
  LinearMap,
  Primitive,
  Sample,
  Selection as SelectionRow,
  Series,
} from './autodiff/primitive.ts';
export { argmax, argmin, dot, mean, prod } from './autodiff/reducing.ts';
export { grad, jacobian, valueAndGrad, vjp } from './autodiff/reverse.ts';
export { at, gather, oneHot, type SliceOptions, slice, tril, triu } from './autodiff/selecting.ts';
export type { HasAux, Input, LikeInput, PointOf } from './autodiff/signatures.ts';
export { type DerivativesOptions, derivatives, jet } from './autodiff/taylor.ts';
export { stopGradient } from './autodiff/trace.ts';
export { mapTree, type Tree, type TreeOf, treeLeaves, treeOf } from './autodiff/trees.ts';

// Layers:

export { elu, gelu, hardSigmoid, hardSwish, mish, selu, silu } from './layers/activations.ts';
export { conv } from './layers/convolution.ts';
export {
  defineOperator,
  type OperatorAttributes,
  type OperatorInputs,
  type OperatorRow,
} from './layers/defineOperator.ts';
export { batchNorm, type LayerNormOptions, layerNorm } from './layers/normalization.ts';
export { averagePool } from './layers/pooling.ts';
export { logSoftmax, logSumExp, softmax } from './layers/softmax.ts';

// Models:

export type { ModelLayer } from './model/anatomy.ts';
export type { ModelData, Preprocessing, ValueInfo } from './model/data/format.ts';
export { parseModelData } from './model/file/parseModelData.ts';
export { serializeModel } from './model/file/serializeModel.ts';
export {
  createModel,
  type Model,
  type ModelOptions,
  type SplitOptions,
} from './model/model.ts';
export { parseModel } from './model/parseModel.ts';
export type { Split, SplitRun } from './model/split.ts';

// Maps and evidence:

export type { AskedBox, AskedPixels, AskedPlace } from './cam/askedPlace.ts';
export type { Choices, ExplainOptions } from './cam/choices.ts';
export type { ClassAsked, ClassChoice, ClassName, ClassPair, ClassWanted, Contrast } from './cam/contrast.ts';
export { defaults } from './cam/defaults.ts';
export { type Evidence, evidenceOf } from './cam/evidence.ts';
export { explain, explainClasses } from './cam/explain.ts';
export { explainAll, type Images } from './cam/explainAll.ts';
export type {
  ExplainedClass,
  Explanation,
  ExplanationBy,
  MethodMap,
  RankedClass,
} from './cam/explanation.ts';
export { gradCam } from './cam/gradCam.ts';
export { gradCamPlusPlus } from './cam/gradCamPlusPlus.ts';
export { layerCam } from './cam/layerCam.ts';
export { camMap, normalizeMap, signedMap } from './cam/map.ts';
export type { AlphaCounts, MethodOptions, MethodResult, Numerator, PlusPlusOptions } from './cam/method.ts';
export {
  type CoreMethodName,
  type DefaultMethodName,
  defaultMethodNames,
  type MethodName,
  type MethodRows,
  methodNames,
} from './cam/methods.ts';
export { noisyInput } from './cam/noise.ts';
export type { Asked, OutputScore, Outputs, Question, Reading, ScoreFunction } from './cam/question.ts';
export {
  createScore,
  customScore,
  type NamedScore,
  probabilities,
  type ScoreName,
  scoreNames,
} from './cam/score.ts';
export type { Selection } from './cam/select.ts';
export { accumulateGradients, smoothGradMap } from './cam/smoothGrad.ts';
export { smoothGradCamPlusPlus } from './cam/smoothGradCamPlusPlus.ts';

// Types:

export type * from './signatures.ts';
