import { expOf, tanhOf } from '../../tensor/elementary/exponential.ts';
import type { Shape } from '../../tensor/shape.ts';

/** An entry of an output: its name, and the row-major place in it. */
export interface EntryOf {
  readonly output: string;
  readonly at: number;
}

/** A box in pixels of the network's input. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

type Read = (entry: EntryOf) => number;

/** How a detector's raw outputs say its boxes. */
export interface BoxLayout {
  readonly boxes: number;
  readonly classes: number;
  classOf(box: number, classIndex: number): EntryOf;
  /** Whether there is anything in the box, where the detector says that apart from what. */
  objectOf?(box: number): EntryOf;
  /** Boxes are ranked by p^α o^β, p the probability of a class and o that of any object. */
  readonly powers: readonly [alpha: number, beta: number];
  placeOf(box: number, read: Read): PixelBox;
}

/** What a layout is recognised by. */
export interface Detector {
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[];
  /** Of the network's input, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly labels: number | undefined;
}

interface LayoutRow {
  /** Its outputs in words, for messages. */
  readonly title: string;
  /** Whether shapes, names and labels say that it is this one and no other. */
  isCertain(detector: Detector): boolean;
  /** The layout of outputs that may be of this kind; undefined where shapes do not fit. */
  open(detector: Detector): BoxLayout | undefined;
}

const STRIDES = [8, 16, 32] as const;

/** Cells of the three grids of strides 8, 16 and 32. */
const cellsIn = ({ height, width }: Detector): number =>
  STRIDES.reduce((sum, stride) => sum + Math.ceil(height / stride) * Math.ceil(width / stride), 0);

/** The place of the so manyth cell of those grids. */
function cellAt(box: number, { height, width }: Detector) {
  let at = box;
  for (const stride of STRIDES) {
    const columns = Math.ceil(width / stride);
    const cells = columns * Math.ceil(height / stride);
    if (at < cells) return { stride, x: at % columns, y: Math.floor(at / columns) };
    at -= cells;
  }
  return { stride: 32, x: 0, y: 0 };
}

const centred = (x: number, y: number, [w, h]: readonly [number, number]): PixelBox => ({
  ...{ x0: x - w / 2, y0: y - h / 2, x1: x + w / 2, y1: y + h / 2 },
});

const product = [1, 1] as const;

/** What a box is ranked by, of the probability of a class and that of any object. */
export const rankOf = ({ powers: [alpha, beta] }: BoxLayout, probability: number, object: number): number =>
  object ** beta * probability ** alpha;

const sigmoid = (x: number) => 1 / (1 + expOf(-x));

/** Rows [1, n, 5 + c] of x, y, w, h, object, classes. */
function rowsOf(detector: Detector, decode: (box: number, four: readonly number[]) => PixelBox) {
  const [only, ...others] = detector.outputs;
  const [one, boxes, width] = only?.shape ?? [];
  if (others.length > 0 || only.shape.length !== 3 || one !== 1 || width < 6) return undefined;
  const entry = (box: number, i: number) => ({ output: only.name, at: box * width + i });
  return {
    boxes,
    classes: width - 5,
    classOf: (box, classIndex) => entry(box, 5 + classIndex),
    objectOf: (box) => entry(box, 4),
    powers: product,
    placeOf: (box, read) =>
      decode(
        box,
        [0, 1, 2, 3].map((i) => read(entry(box, i))),
      ),
  } satisfies BoxLayout;
}

const fits = (classes: number | undefined, labels: number | undefined) =>
  labels === undefined || classes === labels;

const isTall = ({ outputs: [only] }: Detector) => only?.shape.length === 3 && only.shape[1] > only.shape[2];

/** Raw outputs of detectors, by the names that --boxes takes. */
const rows = {
  yolov5: {
    title: '[1, n, 5 + c], boxes in pixels (YOLOv5, YOLOv7)',
    isCertain: (detector) => isTall(detector) && detector.outputs[0].shape[1] === 3 * cellsIn(detector),
    open: (detector) => rowsOf(detector, (_, [x, y, w, h]) => centred(x, y, [w, h])),
  },
  yolox: {
    title: '[1, n, 5 + c], boxes in cells (YOLOX)',
    isCertain: (detector) => isTall(detector) && detector.outputs[0].shape[1] === cellsIn(detector),
    open: (detector) =>
      rowsOf(detector, (box, [x, y, w, h]) => {
        const cell = cellAt(box, detector);
        const size = [expOf(w) * cell.stride, expOf(h) * cell.stride] as const;
        return centred((cell.x + x) * cell.stride, (cell.y + y) * cell.stride, size);
      }),
  },
  yolov8: {
    title: '[1, 4 + c, n] (YOLOv8, YOLO11)',
    isCertain: (detector) => {
      const [only] = detector.outputs;
      return only?.shape.length === 3 && !isTall(detector) && only.shape[2] === cellsIn(detector);
    },
    open({ outputs: [only, ...others] }) {
      const [one, width, boxes] = only?.shape ?? [];
      if (others.length > 0 || only.shape.length !== 3 || one !== 1 || width < 5) return undefined;
      const entry = (box: number, i: number) => ({ output: only.name, at: i * boxes + box });
      return {
        boxes,
        classes: width - 4,
        classOf: (box, classIndex) => entry(box, 4 + classIndex),
        powers: product,
        placeOf(box, read) {
          const [x, y, w, h] = [0, 1, 2, 3].map((i) => read(entry(box, i)));
          return centred(x, y, [w, h]);
        },
      };
    },
  },
  fastestdet: {
    title: '[1, 5 + c, h, w] of object, box, classes (FastestDet)',
    isCertain: ({ outputs: [only], labels }) =>
      only?.shape.length === 4 && labels !== undefined && only.shape[1] === 5 + labels,
    open({ outputs: [only, ...others], height, width }) {
      const [one, depth, rowCount, columns] = only?.shape ?? [];
      if (others.length > 0 || only.shape.length !== 4 || one !== 1 || depth < 6) return undefined;
      const entry = (box: number, i: number) => ({ output: only.name, at: i * rowCount * columns + box });
      return {
        boxes: rowCount * columns,
        classes: depth - 5,
        classOf: (box, classIndex) => entry(box, 5 + classIndex),
        objectOf: (box) => entry(box, 0),
        powers: [0.4, 0.6],
        placeOf(box, read) {
          const [x, y, w, h] = [1, 2, 3, 4].map((i) => read(entry(box, i)));
          const cx = (((box % columns) + tanhOf(x)) / columns) * width;
          const cy = ((Math.floor(box / columns) + tanhOf(y)) / rowCount) * height;
          return centred(cx, cy, [sigmoid(w) * width, sigmoid(h) * height]);
        },
      };
    },
  },
  yunet: {
    title: 'cls_8 … bbox_32 (YuNet)',
    isCertain: ({ outputs }) =>
      ['cls_8', 'obj_8', 'bbox_8'].every((name) => outputs.some((each) => each.name === name)),
    open(detector) {
      const boxes = cellsIn(detector);
      const has = (name: string) => detector.outputs.some((output) => output.name === name);
      if (!STRIDES.every((stride) => ['cls', 'obj', 'bbox'].every((kind) => has(`${kind}_${stride}`))))
        return undefined;
      const entry = (kind: string, box: number, [i, width]: readonly [number, number]) => {
        const { stride, x, y } = cellAt(box, detector);
        const cell = y * Math.ceil(detector.width / stride) + x;
        return { output: `${kind}_${stride}`, at: cell * width + i };
      };
      return {
        boxes,
        classes: 1,
        classOf: (box) => entry('cls', box, [0, 1]),
        objectOf: (box) => entry('obj', box, [0, 1]),
        powers: [0.5, 0.5],
        placeOf(box, read) {
          const { stride, x, y } = cellAt(box, detector);
          const [dx, dy, w, h] = [0, 1, 2, 3].map((i) => read(entry('bbox', box, [i, 4])));
          const size = [expOf(w) * stride, expOf(h) * stride] as const;
          return centred((x + dx) * stride, (y + dy) * stride, size);
        },
      };
    },
  },
  detr: {
    title: '[1, q, c + 1] and boxes [1, q, 4] (DETR)',
    isCertain: ({ outputs }) =>
      outputs.length === 2 && outputs.some(({ shape }) => shape.length === 3 && shape[2] === 4),
    open({ outputs, height, width }) {
      // Of three classes both are as deep as each other: names tell, else the order in which DETR gives them.
      const [classes, boxes] = [...outputs].sort(
        (a, b) => b.shape[2] - a.shape[2] || Number(/box/i.test(a.name)) - Number(/box/i.test(b.name)),
      );
      const isPair =
        outputs.length === 2 && outputs.every(({ shape }) => shape.length === 3 && shape[0] === 1);
      if (!isPair || boxes.shape[2] !== 4 || classes.shape[1] !== boxes.shape[1] || classes.shape[2] < 2)
        return undefined;
      const depth = classes.shape[2];
      return {
        boxes: boxes.shape[1],
        // The last class is that of no object.
        classes: depth,
        classOf: (box, classIndex) => ({ output: classes.name, at: box * depth + classIndex }),
        powers: product,
        placeOf(box, read) {
          const [x, y, w, h] = [0, 1, 2, 3].map((i) => read({ output: boxes.name, at: box * 4 + i }));
          return centred(x * width, y * height, [w * width, h * height]);
        },
      };
    },
  },
} as const satisfies Readonly<Record<string, LayoutRow>>;

/** A kind of raw outputs of detectors, by the name that --boxes takes. */
export type BoxLayoutName = keyof typeof rows;

/** Raw outputs of detectors that are known, by the names that flags have for them. */
export const boxLayoutNames = Object.keys(rows) as readonly BoxLayoutName[];

/** The layouts in words, for messages and help. */
export const boxLayoutText = Object.entries(rows)
  .map(([name, { title }]) => `${name} ${title}`)
  .join('; ');

/** How many classes a layout has that are of objects. */
export const objectClasses = (name: BoxLayoutName, { classes }: BoxLayout) =>
  name === 'detr' ? classes - 1 : classes;

/** The layout by that name, or the only one that shapes, names and labels allow; undefined where there is none. */
export function findLayout(
  detector: Detector,
  wanted?: BoxLayoutName,
): { readonly name: BoxLayoutName; readonly layout: BoxLayout } | undefined {
  const names = wanted === undefined ? boxLayoutNames : [wanted];
  const possible = names.flatMap((name) => {
    const row: LayoutRow = rows[name];
    const layout = wanted === undefined && !row.isCertain(detector) ? undefined : row.open(detector);
    if (layout === undefined || !fits(objectClasses(name, layout), detector.labels)) return [];
    return [{ name, layout }];
  });
  return possible.length === 1 ? possible[0] : undefined;
}
