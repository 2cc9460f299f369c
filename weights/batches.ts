/** Scenes as a network reads them. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { createScene, SCENE_SIZE, type Scene, sceneClasses } from '../src/evaluate/scenes/index.ts';
import { createRandom } from '../src/tensor/random.ts';
import { fromData, type Tensor } from '../src/tensor/tensor.ts';
import { MEAN, STD } from './builder.ts';

/** Seeds from here on are held out: neither training sees them, nor is a network chosen by them. */
export const HELD_OUT_SEED = 10_000_000;

/** Seeds from here on training never sees either: by these networks are chosen. */
export const VALIDATION_SEED = 9_000_000;

/** Pieces of scenes around one object each, whole scenes, or whole scenes of which every other one has a single object. */
export type PictureKind = 'pieces' | 'scenes' | 'few';

/** Side of a piece: half of a scene's. */
const PIECE = SCENE_SIZE / 2;

/** Pictures [N, 3, side, side] and their classes. */
export interface Pictures {
  readonly pictures: Tensor;
  readonly classes: readonly number[];
}

/** What of a scene a network sees: its upper left corner and its side. */
interface View {
  readonly scene: Scene;
  readonly x: number;
  readonly y: number;
}

/** Views as bytes 0 … 255, [N, 3, side, side], and their classes. */
interface Drawn {
  readonly bytes: Uint8Array;
  readonly classes: readonly number[];
}

function drawn(views: readonly View[], side: number): Drawn {
  const plane = side * side;
  const bytes = new Uint8Array(views.length * 3 * plane);
  for (const [i, { scene, x, y }] of views.entries()) {
    const { pixels, size } = scene;
    for (let row = 0; row < 3 * side; row++) {
      const from = Math.floor(row / side) * size * size + (y + (row % side)) * size + x;
      bytes.set(pixels.subarray(from, from + side), i * 3 * plane + row * side);
    }
  }
  return { bytes, classes: views.map(({ scene }) => scene.classIndex) };
}

function picturesOf({ bytes, classes }: Drawn): Pictures {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < data.length; i++) data[i] = (bytes[i] / 255 - MEAN) / STD;
  const side = Math.sqrt(bytes.length / classes.length / 3);
  return { pictures: fromData(data, [classes.length, 3, side, side]), classes };
}

const wholeViews = (scenes: readonly Scene[]) => scenes.map((scene): View => ({ scene, x: 0, y: 0 }));

/** Whole scenes. */
export const wholeScenes = (scenes: readonly Scene[]): Pictures =>
  picturesOf(drawn(wholeViews(scenes), SCENE_SIZE));

/** Objects of the scenes that a batch of pieces is cut from, two from a scene at the most: sixteen pieces. */
const COUNTS = [1, 2, 1, 3, 1, 4, 1, 2, 3, 4] as const;
export const BATCH = 16;

/** Pieces for one or two objects: these stand near the middle, and other things as they happen to. */
function piecesOf(seed: number, count: number): View[] {
  const scene = createScene(seed, { count });
  const random = createRandom(seed, 0x91ece);
  const from = (low: number, high: number) => {
    const middle = (low + high) / 2 + (PIECE / 3) * (random.uniform() - 0.5);
    return Math.max(0, Math.min(SCENE_SIZE - PIECE, Math.floor(middle - PIECE / 2 + 0.5)));
  };
  return scene.occurrences
    .slice(0, 2)
    .map(({ box }) => ({ scene, x: from(box.x0, box.x1), y: from(box.y0, box.y1) }));
}

function drawBatch(step: number, kind: PictureKind): Drawn {
  const first = step * BATCH;
  if (kind === 'pieces') {
    return drawn(
      COUNTS.flatMap((count, i) => piecesOf(first + i, count)),
      PIECE,
    );
  }
  const optionsOf = (i: number) => (kind === 'few' && i % 2 === 0 ? { count: 1 } : {});
  const scenes = Array.from({ length: BATCH }, (_, i) => createScene(first + i, optionsOf(i)));
  return drawn(wholeViews(scenes), SCENE_SIZE);
}

/** The batch of a step. No two steps share a scene. What is in the folder is not drawn again. */
export function batchAt(step: number, kind: PictureKind, folder: string): Pictures {
  const file = `${folder}/${kind}-${step}.bin`;
  if (existsSync(file)) return picturesOf(deserialize(readFileSync(file)) as Drawn);
  const batch = drawBatch(step, kind);
  mkdirSync(folder, { recursive: true });
  // Another training may write the same batch at the same time.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, serialize(batch));
  renameSync(own, file);
  return picturesOf(batch);
}

/** The `at`-th of the scenes from a seed on: classes take turns, and the counts of each. */
export function unseen(first: number, at: number): { seed: number; classIndex: number; count: number } {
  const classIndex = at % sceneClasses.length;
  const count = 1 + (Math.floor(at / sceneClasses.length) % 4);
  return { seed: first + at, classIndex, count };
}
