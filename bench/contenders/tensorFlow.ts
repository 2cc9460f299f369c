import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importOnnx } from '../../src/onnx/index.ts';
import { createImages, SIDE } from '../images.ts';
import { importPeer, peerFolder } from '../peers.ts';
import { type Contender, wantForward } from './contender.ts';
import { foldNetwork } from './foldNetwork.ts';
import { type TfGeneral, tensorFlowGeneral } from './tensorFlowGeneral.ts';
import { createTensorFlowGraph, type Tf } from './tensorFlowGraph.ts';

/** [N, C, H, W] → [N, H, W, C] */
function channelsLast(images: Float32Array): Float32Array {
  const pixels = SIDE * SIDE;
  return images.map((_, at) => {
    const image = at - (at % (3 * pixels));
    const [pixel, channel] = [Math.floor((at - image) / 3), at % 3];
    return images[image + channel * pixels + pixel];
  });
}

/** TF.js with its WebAssembly backend (one thread: it starts no others in Node) or its plain one. */
function createTensorFlow(backend: 'wasm' | 'cpu'): Contender {
  return {
    async load(job, { models, seed }) {
      const tf = await importPeer<Tf & TfGeneral>('@tensorflow/tfjs-core');
      const name = `@tensorflow/tfjs-backend-${backend}`;
      const { setWasmPaths } = await importPeer<{ setWasmPaths?(folder: string): void }>(name);
      setWasmPaths?.(fileURLToPath(new URL('wasm-out/', peerFolder(name))));
      if (!(await tf.setBackend(backend))) throw new Error(`TF.js cannot start its ${backend} backend`);
      if (job.kind === 'general') {
        // Its gradients come in a module syntax that Node takes for another.
        createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients.js');
        return tensorFlowGeneral(tf, job.task, seed);
      }
      const { network, batch } = wantForward(job, `TF.js ${backend}`);
      const data = importOnnx(readFileSync(join(models, `${network}.onnx`)));
      const graph = createTensorFlowGraph(tf, foldNetwork(data));
      const images = channelsLast(createImages(batch, seed));
      return {
        async run() {
          const x = tf.tensor(images, [batch, SIDE, SIDE, 3]);
          const y = graph(x);
          const data = await y.data();
          y.dispose();
          return [data];
        },
      };
    },
  };
}

export const tensorFlowWasm = createTensorFlow('wasm');
export const tensorFlowCpu = createTensorFlow('cpu');
