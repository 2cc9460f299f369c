import { sizeOf } from '../../tensor/shape.ts';
import { decodeTensor } from '../data/decode.ts';
import type { GraphNode, ModelData } from '../data/format.ts';
import { linksOf } from './links.ts';

/** Values of channels as a graph makes them of its input: x · scale + shift. */
interface Scaling {
  readonly scale: number;
  readonly shift: number;
}

/** Nodes between a picture and its scaling that only move entries. */
const passed = new Set(['Transpose', 'Cast', 'Identity']);

/** What one node makes of the input, by the mean of its constant over the channels; undefined where it is no scaling. */
function scalingOf({ op, inputs }: GraphNode, at: string, { tensors }: ModelData): Scaling | undefined {
  const other = inputs.find((input) => input !== at && input !== '');
  const stored = tensors.get(other ?? '');
  if (stored === undefined || inputs.length !== 2 || sizeOf(stored.shape) > 4) return undefined;
  const values = Array.from(decodeTensor(stored).data);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const isFirst = inputs[0] === at;
  if (op === 'Mul') return { scale: mean, shift: 0 };
  if (op === 'Add') return { scale: 1, shift: mean };
  if (op === 'Div' && isFirst) return { scale: 1 / mean, shift: 0 };
  return op === 'Sub' && isFirst ? { scale: 1, shift: -mean } : undefined;
}

/** 1/255, as graphs have it. */
const isByteScale = (scale: number) => Math.abs(scale * 255 - 1) < 0.02;

/**
 * What a graph expects of its input where it scales pictures itself: bytes 0 … 255 or units 0 … 1; undefined where it does not, or leaves
 * it open. What it takes off lies within the range: 0.485 of units, 123.7 of bytes.
 */
export function inputRange(data: ModelData): 'unit' | 'bytes' | undefined {
  const [image] = data.inputs;
  if (image === undefined) return undefined;
  if (image.dtype === 'uint8') return 'bytes';
  const { consumers } = linksOf(data.nodes);
  let [scale, shift] = [1, 0];
  for (let at = image.name; ; ) {
    const [node, ...others] = consumers.get(at) ?? [];
    if (node === undefined || others.length > 0) break;
    if (!passed.has(node.op)) {
      const own = scalingOf(node, at, data);
      if (own === undefined) break;
      [scale, shift] = [scale * own.scale, shift * own.scale + own.shift];
      if (isByteScale(scale) && shift === 0) return 'bytes';
    }
    at = node.outputs[0];
  }
  const middle = -shift / scale;
  if (middle > 0.1 && middle < 0.9 && scale > 0.9) return 'unit';
  return middle > 20 && middle < 230 ? 'bytes' : undefined;
}
