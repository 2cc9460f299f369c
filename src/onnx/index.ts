/** `jetgrad/onnx`: ONNX models and tensors in and out. */
export { type ImportOptions, importOnnx } from './importOnnx.ts';
export { type ReadExternal, readTensorProto } from './readTensor.ts';
