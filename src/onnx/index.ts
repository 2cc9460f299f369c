/** `jetgrad/onnx`: ONNX models and tensors in and out. */
export { moreOperators } from '../layers/more.ts';
export {
  checkOperator,
  type OperatorCheck,
  type OperatorCheckOptions,
  type OperatorSample,
} from './checking/checkOperator.ts';
export type { FactName as OperatorFact } from './checking/facts.ts';
export { exportOnnx } from './exportOnnx.ts';
export type { ImportOptions } from './importFrom.ts';
export { importOnnx } from './importOnnx.ts';
export type { ReadExternal } from './readExternal.ts';
export { readTensorProto } from './readTensorProto.ts';
