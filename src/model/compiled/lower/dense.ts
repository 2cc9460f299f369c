import { number } from '../../../layers/layer.ts';
import { deviceOf } from '../../../tensor/kernels/wasm/device.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { type Lower, mapAt, placeBias } from './lowering.ts';
import { deviceValue, padded } from './values.ts';
import { dataOf } from './weights.ts';

const CHUNK_FLOATS = 131072;

/** Gemm and MatMul of [N, K] with constant weights, which stay as [outputs][K]. */
export const lowerDense: Lower = (context) => {
  const x = mapAt(context, 0);
  const w = context.constant(1);
  const { node, weights, epilogue } = context;
  const { attributes, inputs } = node;
  const bias = inputs[2] ? context.constant(2) : undefined;
  const scale = number(attributes, 'alpha', 1) * number(attributes, 'beta', 1);
  const plain = scale === 1 && number(attributes, 'alpha', 1) === 1 && number(attributes, 'transA', 0) === 0;
  if (x === undefined || x.shape.length !== 2 || w === undefined || w.shape.length !== 2 || !plain)
    return undefined;
  if (context.residual !== undefined || (inputs[2] && bias === undefined)) return undefined;
  const transposed = node.op === 'Gemm' && number(attributes, 'transB', 0) === 1;
  const [outputs, depth] = transposed ? w.shape : [w.shape[1], w.shape[0]];
  if (bias !== undefined && bias.data.length !== 1 && bias.shape.at(-1) !== outputs) return undefined;
  if (bias !== undefined && bias.data.length > outputs) return undefined;
  const row = padded(depth);
  const inPlace = transposed && row === depth && w.dtype === 'float32' && deviceOf(w.data) === weights.device;
  const packed = inPlace
    ? w.data.byteOffset + w.offset * 4
    : weights.place(`${node.outputs[0]} rows`, outputs * row, (out) => {
        const data = dataOf(w);
        for (let o = 0; o < outputs; o++) {
          for (let k = 0; k < depth; k++) {
            out[o * row + k] = data[transposed ? o * depth + k : k * outputs + o];
          }
        }
      });
  const biasAt = placeBias(context, 2, outputs);
  const output = deviceValue(context.shape);
  const block = Math.max(4, Math.floor(CHUNK_FLOATS / row / 4) * 4);
  return {
    output,
    operations: [
      {
        reads: [x.buffer],
        writes: [output.buffer],
        work: 2 * x.images * outputs * row,
        steps: (at) => [
          step('dense', Math.ceil(padded(outputs) / block), {
            input: at(x.buffer),
            weights: packed,
            bias: biasAt,
            output: at(output.buffer),
            ...epilogue,
            rows: x.images,
            outputs,
            depth: row,
            inputRowBytes: x.pixelBytes,
            outputRowBytes: output.pixelBytes,
            block,
          }),
        ],
      },
    ],
  };
};
