import { div, log, sub, takeAt } from '../../autodiff/operations.ts';
import type { Logits } from '../../model/graph/logits.ts';
import type { Model } from '../../model/model.ts';
import { operationsIn, type RunOptions } from '../../model/run/program.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatShape } from '../../tensor/shape.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import type { AskedBox } from '../askedPlace.ts';
import type { Outputs, Question } from '../question.ts';
import { type BoxLogits, boxLogits, endingOf, type Ranking } from './boxLogits.ts';
import {
  type BoxLayout,
  type BoxLayoutName,
  boxLayoutText,
  type EntryOf,
  findLayout,
  objectClasses,
  type PixelBox,
  rankOf,
} from './layouts.ts';
import { type BoxReader, readerOf } from './readBoxes.ts';
import { sourcesOf } from './sources.ts';

/** Which boxes, where the model or the picture leaves a choice. */
export interface BoxOptions extends RunOptions {
  /** How the outputs say boxes, where shapes and labels do not tell. */
  readonly layout?: BoxLayoutName | undefined;
  /** A point that the box holds, in pixels of the input [x, y]. */
  readonly point?: readonly [number, number] | undefined;
}

/** What a detector says of a picture. */
export interface FoundBoxes {
  readonly layout: BoxLayoutName;
  /** What the best box of each class is ranked by. */
  readonly scores: Float64Array;
  /** Asks for the class of its best box. @throws InputError where no box of it holds the point. */
  question(classIndex: number): Promise<Question>;
}

const holds = ({ x0, y0, x1, y1 }: PixelBox, [x, y]: readonly [number, number]) =>
  x >= x0 && x <= x1 && y >= y0 && y <= y1;

/** The best box of each class, of those that hold the point. */
function bestBoxes(
  { layout, count }: { layout: BoxLayout; count: number },
  reader: BoxReader,
  point: BoxOptions['point'],
): Ranking {
  const scores = new Float64Array(count);
  const boxes = new Int32Array(count).fill(-1);
  for (let box = 0; box < layout.boxes; box++) {
    if (point !== undefined && !holds(layout.placeOf(box, reader.read), point)) continue;
    const row = reader.classesOf(box);
    const object = reader.objectOf(box);
    for (let c = 0; c < count; c++) {
      const score = rankOf(layout, row[c], object);
      if (score > scores[c]) {
        scores[c] = score;
        boxes[c] = box;
      }
    }
  }
  return { scores, boxes };
}

/** log p/(1 − p), differentiable. */
const logitsOfShares = (p: Tensor) => log(div(p, sub(1, p)));

/** @throws InputError where the outputs say no boxes that are known. */
function layoutOf(
  model: Model,
  image: Tensor,
  { results, wanted }: { results: Outputs; wanted?: BoxLayoutName | undefined },
) {
  const outputs = model.outputs.map(({ name }) => ({ name, shape: results[name].shape }));
  const [height, width] = image.shape.slice(-2);
  const found = findLayout({ outputs, height, width, labels: model.labels?.length }, wanted);
  if (found !== undefined) return found;
  const list = outputs.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ');
  const why =
    wanted === undefined
      ? `its outputs ${list}, its input ${width} × ${height} and its ${model.labels?.length ?? 'unknown'} labels fit no known layout alone; say which by --boxes (${boxLayoutText})`
      : `its outputs ${list} and its ${model.labels?.length ?? 'unknown'} labels are not ${wanted}`;
  throw new InputError(`Cannot tell boxes of ${model.name}: ${why}`);
}

/** @throws InputError for a detector that chooses its boxes itself, as torchvision's R-CNNs do. */
export function refuseChosenBoxes(model: Model): void {
  if (!operationsIn(model.data.nodes).has('NonMaxSuppression') || knownLayout(model) !== undefined) return;
  throw new InputError(
    `Cannot tell boxes of ${model.name}: they come out of NonMaxSuppression, which no derivative passes; export the network without it, with its raw outputs, or give a score of a tensor before it as an expression, such as "logits[0, 3]"`,
  );
}

/** The layout that shapes and labels say without a picture; undefined where they do not. */
export function knownLayout(model: Model): BoxLayoutName | undefined {
  const shapes = new Map(model.layers.map(({ tensor, shape }) => [tensor, shape]));
  const outputs = model.outputs.flatMap(({ name }) => {
    const shape = shapes.get(name);
    return shape === undefined ? [] : [{ name, shape }];
  });
  const [height, width] = model.inputShape.slice(-2);
  return findLayout({ outputs, height, width, labels: model.labels?.length })?.name;
}

/** A question for the class logits of one box, held where the clean picture has it. */
function askBox(
  entries: readonly EntryOf[],
  { tensor, places }: { tensor: string; places: readonly number[] },
  {
    classes,
    raw,
    shares,
    ranked,
    picked,
    place,
  }: {
    classes: number;
    raw: Logits['ending'] | undefined;
    shares: Float64Array;
    ranked: BoxLogits;
    picked: Readonly<Record<string, unknown>>;
    place: AskedBox;
  },
): Question {
  const m = entries.length;
  return {
    outputs: [tensor],
    at(clean) {
      const own = takeAt(clean[tensor], Int32Array.from(places), [m]);
      const found = raw ?? endingOf(own, shares);
      const ending = found ?? 'sigmoid';
      const rows = (z: Tensor) => {
        const [n, size] = z.shape;
        const index = Int32Array.from({ length: n * m }, (_, i) => Math.floor(i / m) * size + places[i % m]);
        const row = takeAt(z, index, [n, m]);
        return found === undefined ? logitsOfShares(row) : row;
      };
      const z = fromData(ranked.z, [classes]);
      return {
        ...{ z, bounds: ranked.bounds, ending: 'sigmoid' as const, hasClasses: true },
        reading: () => ({ ending, rows, choices: picked, place }),
      };
    },
  };
}

/**
 * Finds the boxes of a picture in a detector's raw outputs, and asks for the class logits of one: before the sigmoid or the softmax, where the
 * graph shows them. Cost: one pass through the network, and one for
 * each tensor that logits are looked up in, where shares are too near to 1 to tell them.
 * @throws InputError where the outputs are of no known layout.
 */
export async function boxesIn(model: Model, image: Tensor, options: BoxOptions = {}): Promise<FoundBoxes> {
  const { layout: wanted, point, ...running } = options;
  if (wanted === undefined) refuseChosenBoxes(model);
  const results = await model.run(image, running);
  const { name, layout } = layoutOf(model, image, { results, wanted });
  const count = objectClasses(name, layout);
  const reader = readerOf(results, { layout, name });
  const { scores } = bestBoxes({ layout, count }, reader, undefined);
  const ranking = bestBoxes({ layout, count }, reader, point);
  const { scores: held, boxes } = ranking;
  let logits: Promise<BoxLogits> | undefined;
  return {
    layout: name,
    scores: point === undefined ? scores : held,
    async question(classIndex) {
      const box = boxes[classIndex];
      if (box === undefined || box < 0) {
        const where = point === undefined ? '' : ` at ${point.map((each) => each.toFixed(0)).join(', ')}`;
        throw new InputError(`Cannot explain class ${classIndex}: the picture has no box of it${where}`);
      }
      const entries = Array.from({ length: layout.classes }, (_, c) => layout.classOf(box, c));
      const { tensors, places } = await sourcesOf(model, entries[0].output);
      const from = entries.map(({ at }) => places[at]);
      let offset = 0;
      let source = { tensor: entries[0].output, places: entries.map(({ at }) => at) };
      for (const { name: tensor, size } of tensors) {
        const start = offset;
        if (from.every((place) => place >= start && place < start + size)) {
          source = { tensor, places: from.map((place) => place - start) };
        }
        offset += size;
      }
      const { x0, y0, x1, y1 } = layout.placeOf(box, reader.read);
      const pointed = point && { point };
      const picked = { layout: name, box: [x0, y0, x1, y1], ...pointed, score: held[classIndex] };
      const [height, width] = image.shape.slice(-2);
      const place = { kind: 'box', box: { y0, x0, y1, x1 }, ...pointed, sides: [height, width] } as const;
      const shares = reader.classesOf(box);
      logits ??= boxLogits(ranking, { layout, reader }, { model, image, options: running });
      const ranked = await logits;
      return askBox(entries, source, { classes: count, raw: reader.raw, shares, ranked, picked, place });
    },
  };
}
