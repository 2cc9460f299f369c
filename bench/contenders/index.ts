import type { Contender, ContenderKind } from './contender.ts';

/** Each contender, read when it is wanted: so no process holds the code of another. */
export const contenders: Readonly<Record<ContenderKind, () => Promise<Contender>>> = {
  jetgrad: async () => (await import('./jetgrad.ts')).jetgrad,
  'onnxruntime-node': async () => (await import('./onnxRuntime.ts')).onnxRuntimeNode,
  'onnxruntime-web': async () => (await import('./onnxRuntime.ts')).onnxRuntimeWeb,
  'jax-js': async () => (await import('./jaxJs.ts')).jaxJs,
  'jax-js-jit': async () => (await import('./jaxJs.ts')).jaxJsJit,
  micrograd: async () => (await import('./micrograd.ts')).micrograd,
  'tfjs-wasm': async () => (await import('./tensorFlow.ts')).tensorFlowWasm,
  'tfjs-cpu': async () => (await import('./tensorFlow.ts')).tensorFlowCpu,
};
