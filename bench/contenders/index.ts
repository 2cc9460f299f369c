import type { Contender, ContenderKind } from './contender.ts';

/** Each contender, read when it is wanted: so no process holds the code of another. */
export const contenders: Readonly<Record<ContenderKind, () => Promise<Contender>>> = {
  jetgrad: async () => (await import('./jetgrad.ts')).jetgrad,
  'onnxruntime-node': async () => (await import('./onnxRuntime.ts')).onnxRuntimeNode,
  'onnxruntime-web': async () => (await import('./onnxRuntime.ts')).onnxRuntimeWeb,
  'tfjs-wasm': async () => (await import('./tensorFlow.ts')).tensorFlowWasm,
  'tfjs-cpu': async () => (await import('./tensorFlow.ts')).tensorFlowCpu,
};
