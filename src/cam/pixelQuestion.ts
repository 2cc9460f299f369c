import { sum, takeAt } from '../autodiff/operations.ts';
import { createGraph } from '../model/graph/graph.ts';
import type { Model } from '../model/model.ts';
import { logOf } from '../tensor/elementary/logarithm.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import type { Question } from './question.ts';

/** Which pixels, and of which output. */
export interface PixelOptions {
  /** The output of the classes of pixels, where there are several. */
  readonly output?: string | undefined;
  /** The pixels that are summed over, 1 in a map [h, w] of zeros, instead of those that the clean picture gives to the class. */
  readonly mask?: ((height: number, width: number) => Tensor) | undefined;
}

/** Operators between the logits of pixels and an output: their choice, their probabilities, other names. */
const endings = new Set([
  'ArgMax',
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'Identity',
]);

/** The map of logits behind an output, and the axis of its classes. */
function mapBehind(model: Model, output: string): { tensor: string; axis: number | undefined } {
  const { producer } = createGraph(model.data);
  let tensor = output;
  let axis: number | undefined;
  for (
    let node = producer.get(tensor);
    node !== undefined && endings.has(node.op);
    node = producer.get(tensor)
  ) {
    const own = node.attributes.axis;
    if (/ArgMax|Softmax/.test(node.op) && typeof own === 'number') axis = own;
    tensor = node.inputs[0];
  }
  return { tensor, axis };
}

const mapText = 'a map of the logits of each pixel [1, C, h, w]';

/** The output whose entries are classes of pixels. @throws InputError where there is none, or are several. */
function findMap(model: Model, output: string | undefined) {
  const shapes = new Map<string, Shape | undefined>(model.layers.map(({ tensor, shape }) => [tensor, shape]));
  const wanted = model.outputs.filter(({ name }) => output === undefined || name === output);
  const maps = new Map(wanted.map(({ name }) => mapBehind(model, name)).map((map) => [map.tensor, map]));
  const found = [...maps.values()].flatMap(({ tensor, axis }) => {
    const shape = shapes.get(tensor);
    if (shape?.length !== 4 || shape[0] !== 1) return [];
    const labels = model.labels?.length;
    const last =
      axis === 3 || axis === -1 || (axis === undefined && shape[3] === labels && shape[1] !== labels);
    const [classes, height, width] = last ? [shape[3], shape[1], shape[2]] : shape.slice(1);
    return height * width > 1 && classes > 1 ? [{ tensor, last, classes, height, width }] : [];
  });
  if (found.length === 1) return found[0];
  const list = model.outputs.map(({ name }) => `${name} ${formatShape(shapes.get(name) ?? [])}`).join(', ');
  throw new InputError(
    found.length === 0
      ? `Cannot explain pixels of ${model.name}: ${mapText} is wanted, its outputs are ${list}`
      : `Cannot explain pixels of ${model.name}: of its outputs ${list} several are ${mapText}; name one by --output`,
  );
}

/**
 * Asks for the classes of pixels: z_c is the sum of the logits of class c over the pixels that the clean picture gives to the class explained, or
 * that a mask names. Classes are ranked by how many pixels they have.
 * @throws InputError where no output is a map of classes, and, for a class, where no pixel is given to it.
 */
export function pixelQuestion(model: Model, { output, mask }: PixelOptions = {}): Question {
  const { tensor, last, classes, height, width } = findMap(model, output);
  const area = height * width;
  const placeOf = (c: number, pixel: number) => (last ? pixel * classes + c : c * area + pixel);
  const given = mask && contiguous(mask(height, width)).data;
  return {
    outputs: [tensor],
    at(clean) {
      const { data } = contiguous(clean[tensor]);
      const winners = new Int32Array(area);
      const counts = new Float64Array(classes);
      for (let pixel = 0; pixel < area; pixel++) {
        let best = 0;
        for (let c = 1; c < classes; c++) if (data[placeOf(c, pixel)] > data[placeOf(best, pixel)]) best = c;
        winners[pixel] = best;
        counts[best]++;
      }
      function pixelsOf(classIndex: number): Int32Array {
        const isOf = (pixel: number) =>
          given === undefined ? winners[pixel] === classIndex : given[pixel] > 0;
        const pixels = Int32Array.from({ length: area }, (_, pixel) => pixel).filter(isOf);
        if (pixels.length > 0) return pixels;
        const seen = Array.from(counts.keys()).filter((c) => counts[c] > 0);
        throw new InputError(
          given === undefined
            ? `Cannot explain class ${classIndex}: no pixel of the picture is given to it; those that have pixels are ${seen.join(', ')}; a mask (--mask) names pixels`
            : `Cannot explain class ${classIndex}: the mask is empty at ${width} × ${height}`,
        );
      }
      const z = fromData(
        counts.map((count) => logOf(Math.max(count, 1e-300))),
        [classes],
      );
      return {
        // Their softmax are the shares of the pixels.
        ...{ z, ending: 'softmax' as const, hasClasses: true },
        reading(classIndex) {
          const pixels = pixelsOf(classIndex);
          const rows = (rowsOfMap: Tensor) => {
            const [n] = rowsOfMap.shape;
            const size = sizeOf(rowsOfMap.shape) / n;
            const each = classes * pixels.length;
            const index = new Int32Array(n * each);
            for (let i = 0; i < index.length; i++) {
              const c = Math.floor((i % each) / pixels.length);
              index[i] = Math.floor(i / each) * size + placeOf(c, pixels[i % pixels.length]);
            }
            return sum(takeAt(rowsOfMap, index, [n, classes, pixels.length]), 2);
          };
          const values = new Float64Array(area);
          for (const pixel of pixels) values[pixel] = 1;
          const place = { kind: 'pixels', mask: fromData(values, [height, width]) } as const;
          return { ending: 'none', rows, choices: { pixels: pixels.length }, place };
        },
      };
    },
  };
}
