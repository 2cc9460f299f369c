import { createRequire } from 'node:module';
import type { Model } from '../../src/model/model.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';

/** The parts of ONNX Runtime that are called. */
interface Runtime {
  readonly InferenceSession: {
    create(path: string): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: ArrayLike<number> }>>;
    }>;
  };
  readonly Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => unknown;
}

function findRuntime(): Runtime | undefined {
  try {
    return createRequire(new URL('../../bench/package.json', import.meta.url))('onnxruntime-node') as Runtime;
  } catch {
    return undefined;
  }
}

const runtime = findRuntime();

/** An input of normal numbers of a fixed seed, as normalised pictures are. */
export function normalInput({ inputShape }: Model): Tensor {
  const random = createRandom(1);
  return fromData(
    Float32Array.from({ length: sizeOf(inputShape) }, () => random.normal()),
    inputShape,
  );
}

/** The largest difference of an output from ONNX Runtime's, relative to that output's largest entry, in words. */
export async function distance(path: string, model: Model, x: Tensor): Promise<string> {
  if (runtime === undefined) return 'no runtime';
  const session = await runtime.InferenceSession.create(path);
  const wanted = await session.run({
    [model.inputs[0].name]: new runtime.Tensor('float32', contiguous(x).data as Float32Array, x.shape),
  });
  const got = await model.run(x);
  let furthest = 0;
  for (const { name } of model.outputs) {
    const own = contiguous(got[name]).data;
    const { data } = wanted[name];
    let [most, worst] = [0, 0];
    for (let i = 0; i < data.length; i++) {
      most = Math.max(most, Math.abs(Number(data[i])));
      worst = Math.max(worst, Math.abs(own[i] - Number(data[i])));
    }
    furthest = Math.max(furthest, most === 0 ? worst : worst / most);
  }
  return furthest.toExponential(1);
}
