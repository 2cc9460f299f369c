import type { ModelData } from '../../model/data/format.ts';
import { isBatchable } from '../../model/run/batchable.ts';
import { evaluate, prepareProgram, type Value } from '../../model/run/program.ts';
import { InputError } from '../../tensor/errors.ts';
import { batchRow } from '../../tensor/rows.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import { wantsConstants } from './differentiated.ts';
import { type Checked, holdsFloats, networkOf, type Sample, steers, wrongEntry } from './sample.ts';

/** The sample again along its first axis, where a node says which: what is right for another axis may be wrong for that of images. */
function alongImages(sample: Sample): Sample[] {
  const { attributes } = sample;
  const { axis, axes } = attributes;
  return [
    sample,
    ...(typeof axis === 'number' ? [{ ...sample, attributes: { ...attributes, axis: 0 } }] : []),
    ...(Array.isArray(axes) ? [{ ...sample, attributes: { ...attributes, axes: [0] } }] : []),
  ];
}

/** Three images of different values: the first rows of x, turned and shifted. */
function threeImages(x: Tensor): Tensor {
  const { data } = contiguous(x);
  const size = data.length / x.shape[0];
  const images = [0, 1, 2].flatMap((image) =>
    Array.from({ length: size }, (_, i) => data[(i + image) % data.length] * (1 + image / 8)),
  );
  return fromData(Float64Array.from(images), [3, ...x.shape.slice(1)]);
}

const toTheBit = { relative: 0, absolute: 0 };

/** What is wrong with a batch along the first axis of an input; undefined where the row does not say that its images stay apart. */
function wrongImages({ layers }: Checked, sample: Sample, which: number): string[] | undefined {
  const input = sample.inputs[which];
  if (input === undefined) return undefined;
  const batch = threeImages(input.x);
  const data = networkOf(sample, (i) => i === which);
  const [image] = data.inputs;
  const inputs = [{ ...image, shape: ['N', ...batch.shape.slice(1)] }];
  const program = prepareProgram({ ...data, inputs } as ModelData, 'float64', { layers });
  if (!isBatchable(program, image.name)) return undefined;
  const run = (x: Tensor) => {
    const value: Value = { tensor: x, type: input.type };
    return evaluate(program, new Map([[image.name, value]]), ['y0']).get('y0')?.tensor as Tensor;
  };
  const together = run(batch);
  return [0, 1, 2].flatMap((n) => {
    const wrong = wrongEntry(batchRow(together, n), run(batchRow(batch, n)), toTheBit);
    return wrong === undefined
      ? []
      : `images: they are said to stay apart, and image ${n} of three along input ${which} is not what it is alone: ${wrong}`;
  });
}

/** A batch of three is three alone, where a row says that images stay apart. */
export function images(checked: Checked): readonly string[] | undefined {
  const { row, sample: given } = checked;
  const found = alongImages(given).flatMap((sample) =>
    sample.inputs.map((input, which) => {
      if (!holdsFloats(input) || row.readsShapes === true || steers(row, which)) return undefined;
      if (input.x.shape.length === 0 || input.x.data.length === 0) return undefined;
      try {
        return wrongImages(checked, sample, which);
      } catch (error) {
        // Axes of a variation may not be there.
        if (wantsConstants(error) || (sample !== given && error instanceof InputError)) return undefined;
        throw error;
      }
    }),
  );
  const checks = found.filter((each) => each !== undefined);
  return checks.length === 0 ? undefined : checks.flat();
}
