import { join } from 'node:path';
import { createImages, SIDE } from '../images.ts';
import { importPeer } from '../peers.ts';
import { type Contender, wantForward } from './contender.ts';

interface OrtTensor {
  readonly data: Float32Array;
}

/** What we use of onnxruntime-node and onnxruntime-web alike. */
interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      path: string,
      options: { intraOpNumThreads?: number; executionProviders: readonly string[] },
    ): Promise<{ run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> }>;
  };
}

function createOnnxRuntime(name: 'onnxruntime-node' | 'onnxruntime-web'): Contender {
  return {
    async load(job, { threads, models, seed }) {
      const { network, batch } = wantForward(job, name);
      const { env, InferenceSession, Tensor } = await importPeer<OnnxRuntime>(name);
      const options =
        name === 'onnxruntime-node'
          ? { intraOpNumThreads: threads, executionProviders: ['cpu'] }
          : { executionProviders: ['wasm'] };
      if (name === 'onnxruntime-web') env.wasm.numThreads = threads;
      const session = await InferenceSession.create(join(models, `${network}.onnx`), options);
      const images = createImages(batch, seed);
      return {
        async run() {
          const outputs = await session.run({
            input: new Tensor('float32', images, [batch, 3, SIDE, SIDE]),
          });
          return Object.values(outputs).map(({ data }) => data);
        },
      };
    },
  };
}

export const onnxRuntimeNode = createOnnxRuntime('onnxruntime-node');
export const onnxRuntimeWeb = createOnnxRuntime('onnxruntime-web');
