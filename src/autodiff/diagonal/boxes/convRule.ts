import type { ConvAttributes } from '../../../tensor/kernels/conv.ts';
import { type Box, overlap, wholeOf } from './box.ts';
import type { Part, Question } from './part.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Along {
  readonly input: Range;
  readonly output: Range;
  readonly before: number;
  readonly after: number;
}

/** Along one side of the image: which outputs see the box, what they read of it, and how many zeros stand around that. */
function alongSide(box: Range, wanted: Range, attributes: ConvAttributes, axis: number): Along {
  const stride = attributes.strides[axis];
  const reach = (attributes.kernel[axis] - 1) * attributes.dilations[axis];
  const pad = attributes.padsBefore[axis];
  const from = Math.max(wanted.from, Math.ceil((box.from + pad - reach) / stride));
  const to = Math.max(from, Math.min(wanted.to, Math.floor((box.to - 1 + pad) / stride) + 1));
  const first = from * stride - pad;
  const last = (to - 1) * stride - pad + reach + 1;
  const input = { from: Math.max(first, box.from), to: Math.min(last, box.to) };
  return { input, output: { from, to }, before: input.from - first, after: last - input.to };
}

/** A convolution with fixed weights, of a box of channels and sides. */
export function convWithin({
  attributes,
  shapes: [x, w],
  output,
  boxes: [box, weights],
  wanted,
}: Question<ConvAttributes>): Part | undefined {
  const spatial = attributes.kernel.length;
  if (box === undefined || weights !== undefined || x.length !== spatial + 2) return undefined;
  const { groups } = attributes;
  const [own, filters] = [x[1] / groups, output[1] / groups];
  const [first, last] = [Math.floor(box.from[1] / own), Math.ceil(box.to[1] / own)];
  const channels =
    groups === 1 ? { from: box.from[1], to: box.to[1] } : { from: first * own, to: last * own };
  const out =
    groups === 1 ? { from: wanted.from[1], to: wanted.to[1] } : { from: first * filters, to: last * filters };
  const along = attributes.kernel.map((_, axis) => {
    const at = axis + 2;
    return alongSide(
      { from: box.from[at], to: box.to[at] },
      { from: wanted.from[at], to: wanted.to[at] },
      attributes,
      axis,
    );
  });
  const images = overlap(
    { from: [box.from[0]], to: [box.to[0]] },
    { from: [wanted.from[0]], to: [wanted.to[0]] },
  );
  const given: Box = {
    from: [images.from[0], out.from, ...along.map((each) => each.output.from)],
    to: [images.to[0], out.to, ...along.map((each) => each.output.to)],
  };
  const read: Box = {
    from: [images.from[0], channels.from, ...along.map((each) => each.input.from)],
    to: [images.to[0], channels.to, ...along.map((each) => each.input.to)],
  };
  const kernel = wholeOf(w);
  const factor: Box = {
    from: [out.from, groups === 1 ? channels.from : 0, ...kernel.from.slice(2)],
    to: [out.to, groups === 1 ? channels.to : own, ...kernel.to.slice(2)],
  };
  return {
    output: given,
    inputs: [read, factor],
    attributes: {
      ...attributes,
      groups: groups === 1 ? 1 : last - first,
      padsBefore: along.map((each) => each.before),
      padsAfter: along.map((each) => each.after),
    },
  };
}
