/**
 * What ONNX Runtime makes of the operators that it has beside ONNX's: writes test/fixtures/fused/outputs.json for the cases of
 * test/support/fusedCases.ts. `npm ci --ignore-scripts` here first, then `node --import tsx bench/fusedCases.ts`.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeValues } from '../src/model/data/encode.ts';
import { exportOnnx } from '../src/onnx/index.ts';
import { fusedCases, networkOfCase, variableOf } from '../test/support/fusedCases.ts';
import { importPeer } from './peers.ts';

interface OrtTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What we use of onnxruntime-node here. */
interface OnnxRuntime {
  readonly Tensor: new (type: string, data: ArrayLike<number>, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: { graphOptimizationLevel: string },
    ): Promise<{ run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> }>;
  };
}

const ort = await importPeer<OnnxRuntime>('onnxruntime-node');

const outputs: unknown[] = [];
for (const each of fusedCases) {
  const network = networkOfCase(each);
  const x = each.inputs[variableOf(each)];
  if (x === undefined) throw new Error(`${each.op} has no input`);
  try {
    const session = await ort.InferenceSession.create(exportOnnx(network), {
      graphOptimizationLevel: 'disabled',
    });
    const bytes = encodeValues(x.dtype, x.values);
    const data =
      x.dtype === 'float32'
        ? Float32Array.from(x.values)
        : x.dtype === 'int16'
          ? new Int16Array(bytes.buffer)
          : bytes;
    const tensor = new ort.Tensor(x.dtype, data, x.shape);
    const results = await session.run({ [network.inputs[0].name]: tensor });
    outputs.push(
      each.outputs.map((_, i) => ({
        shape: results[`y${i}`].dims,
        values: Array.from(results[`y${i}`].data, Number),
      })),
    );
  } catch (error) {
    console.log(`${each.op} ${JSON.stringify(each.attributes)}: ${(error as Error).message.slice(0, 300)}`);
    outputs.push(null);
  }
}
const path = fileURLToPath(new URL('../test/fixtures/fused/outputs.json', import.meta.url));
writeFileSync(path, `[\n${outputs.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
console.log(`${outputs.filter((each) => each !== null).length} of ${outputs.length} cases written`);
