/** Types that public signatures use, so that a caller can name them. One test finds those that are missing. */

export type { StepwiseFunction } from './autodiff/diagonal/diagonal.ts';
export type { Diagonal, DoubleTensor, NamedDerivatives } from './autodiff/diagonal/diagonalResult.ts';
export type { Estimate } from './autodiff/diagonal/plan.ts';
export type { Directions } from './autodiff/diagonal/score.ts';
export type { Layout as LayerLayout } from './autodiff/places/layout.ts';
export type { AxisPath, Row as PrimitiveFields, TakenFrom } from './autodiff/primitive.ts';
export type { Axes, ReduceOptions } from './autodiff/primitives/shaping.ts';
export type { EvidenceParts, SampleScore, ZeroCertificate } from './cam/evidence.ts';
export type { GradientEvidence } from './cam/gradCam.ts';
export type {
  Captions,
  Equality,
  InputMethod,
  LayerFacts,
  LayerMethod,
  Method,
  MethodFacts,
  Network,
  NetworkMethod,
  RawMap,
} from './cam/method.ts';
export type { LayerMethodName } from './cam/methods.ts';
export type { MoreMethodName } from './cam/more/moreMethods.ts';
export type { NoiseOptions } from './cam/noise.ts';
export type { ScoreOptions } from './cam/score.ts';
export type { TriedSigma } from './cam/searchSigma.ts';
export type { Neuron, Region } from './cam/select.ts';
export type { GradientAccumulator } from './cam/smoothGrad.ts';
export type { GeluOptions } from './layers/activations.ts';
export type { ConvOptions } from './layers/convolution.ts';
export type { AttributeTypes } from './layers/defineOperator.ts';
export type {
  Affine,
  AttributeKind,
  Facts as OperatorFacts,
  Layer as Operator,
  LayerContext as OperatorContext,
  NodeView,
} from './layers/layer.ts';
export type { BatchNorm } from './layers/normalization.ts';
export type { AveragePoolOptions } from './layers/pooling.ts';
export type {
  Attributes,
  AttributeValue,
  ElementType,
  GraphAttribute,
  GraphNode,
  ModelSource,
  StoredTensor,
  TensorAttribute,
} from './model/data/format.ts';
export type { Digest, ParseOptions, ReadBeside } from './model/file/parseModelData.ts';
export type { SerializedModel, SerializeOptions } from './model/file/serializeModel.ts';
export type { HeadForm } from './model/graph/headForm.ts';
export type { Logits } from './model/graph/logits.ts';
export type { Box } from './model/graph/receptiveField.ts';
export type { NamedModelOptions } from './model/modelOf.ts';
export type { RunOptions } from './model/run/program.ts';
export type { FloatMethods } from './tensor/arrays.ts';
export type { DriveOptions, Steps } from './tensor/drive.ts';
export type { ErrorCode } from './tensor/errors.ts';
export type { Transposed } from './tensor/kernels/matmul.ts';
export type { PoolAttributes } from './tensor/kernels/reference/pool.ts';
export type { WindowAttributes } from './tensor/kernels/reference/window.ts';
export type { WasmMemory, WasmModule } from './tensor/kernels/wasm/platform.ts';
export type { Announcement, ThreadMessage } from './tensor/kernels/wasm/thread.ts';
export type { Layout } from './tensor/layout.ts';
export type { Shape } from './tensor/shape.ts';
