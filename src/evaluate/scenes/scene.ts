import { cosOf, sinOf } from '../../tensor/elementary/trigonometric.ts';
import { InputError } from '../../tensor/errors.ts';
import { checkOptions, wantNumber } from '../../tensor/options.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { type Colour, colourOf, drawScheme, type Scheme } from './colours.ts';
import type { Figure } from './distance.ts';
import { between } from './draw.ts';
import { drawGround } from './ground.ts';
import { type Mark, maskOf, paintMark, paintShadow } from './paint.ts';
import { type Place, placeApart } from './place.ts';
import { classShapes, otherShapes, sceneClasses } from './shapes.ts';

/** Pixels x0 … x1 − 1, y0 … y1 − 1. */
export interface SceneBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** One object of the scene's class. */
export interface Occurrence {
  /** 1 for each pixel that is its own, [size, size]: those whose centres lie in its shape. Nothing is painted over it. */
  readonly mask: Uint8Array;
  /** The smallest box around the mask. */
  readonly box: SceneBox;
}

/** A picture whose objects are known. */
export interface Scene {
  /** Bytes 0 … 255, [3, size, size], planes of red, green and blue. */
  readonly pixels: Uint8Array;
  readonly size: number;
  /** Index in `sceneClasses`. */
  readonly classIndex: number;
  readonly occurrences: readonly Occurrence[];
  /** The pixels of the same scene with an occurrence and its shadow taken out: all that they do not touch keeps its bits. */
  without(occurrence: number): Uint8Array;
}

/** What of a scene is not left to its seed. */
export interface SceneOptions {
  readonly classIndex?: number | undefined;
  /** Occurrences, 1 … 4. */
  readonly count?: number | undefined;
}

/** Rows and columns of a scene's pixels. */
export const SCENE_SIZE = 96;
const MOST_OCCURRENCES = 4;
const STREAM = 0x5ce7e;

function drawColours(random: Random, scheme: Scheme): [Colour, Colour] {
  const tone = scheme.apart(random);
  const shade = between(random, 0.01, 0.07);
  return [
    colourOf({ ...tone, lightness: tone.lightness + shade }),
    colourOf({ ...tone, lightness: tone.lightness - shade }),
  ];
}

function drawMark(random: Random, place: Place, figure: Figure, scheme: Scheme): Mark {
  const tilt = between(random, -0.5, 0.5);
  const mirror = random.uniform() < 0.5 ? -1 : 1;
  return {
    ...place,
    figure,
    turn: [cosOf(tilt), sinOf(tilt)],
    stretch: mirror * between(random, 0.86, 1),
    colours: drawColours(random, scheme),
    shadow: between(random, 0.15, 0.4),
    rim: between(random, 0.1, 0.4),
  };
}

/** Small marks anywhere and larger shapes of no class, most of them beside the objects: all are painted behind these. */
function drawClutter(
  random: Random,
  size: number,
  [scheme, objects]: readonly [Scheme, readonly Place[]],
): Mark[] {
  const draw = (radius: number, tries: number): Mark => {
    let place = { x: 0, y: 0, radius };
    for (let i = 0; i < tries; i++) {
      place = { x: between(random, 0, size), y: between(random, 0, size), radius };
      const { x, y } = place;
      if (
        objects.every((each) => (each.x - x) ** 2 + (each.y - y) ** 2 > (0.9 * (each.radius + radius)) ** 2)
      )
        break;
    }
    const mark = drawMark(random, place, otherShapes[random.integer(otherShapes.length)], scheme);
    const angle = between(random, 0, 2 * Math.PI);
    return { ...mark, turn: [cosOf(angle), sinOf(angle)] };
  };
  const small = Array.from({ length: random.integer(9) }, () => draw(between(random, 1.2, 3), 1));
  const large = Array.from({ length: 1 + random.integer(4) }, () => draw(between(random, 5, 12), 5));
  return [...small, ...large];
}

function drawGrain(random: Random, size: number): Float64Array {
  const strength = between(random, 1, 7);
  const grain = new Float64Array(size * size);
  for (let at = 0; at < grain.length; at++) grain[at] = strength * (random.uniform() + random.uniform() - 1);
  return grain;
}

/** Adds the grain of a photograph and rounds. */
function develop(planes: Float64Array, grain: Float64Array): Uint8Array {
  const plane = grain.length;
  const pixels = new Uint8Array(planes.length);
  for (let at = 0; at < planes.length; at++) {
    pixels[at] = Math.floor(Math.min(255, Math.max(0, planes[at] + grain[at % plane])) + 0.5);
  }
  return pixels;
}

function boxOf(mask: Uint8Array, size: number): SceneBox {
  let [x0, y0, x1, y1] = [size, size, 0, 0];
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    const [x, y] = [at % size, Math.floor(at / size)];
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)];
  }
  return { x0, y0, x1, y1 };
}

function checkScene({ classIndex, count }: SceneOptions): void {
  const isIndex = (x: number, from: number, to: number) => Number.isInteger(x) && x >= from && x <= to;
  if (classIndex !== undefined && !isIndex(classIndex, 0, sceneClasses.length - 1)) {
    throw new InputError(
      `Cannot make a scene: classIndex must be a whole number from 0 to ${sceneClasses.length - 1}, got ${classIndex}`,
    );
  }
  if (count !== undefined && !isIndex(count, 1, MOST_OCCURRENCES)) {
    throw new InputError(
      `Cannot make a scene: count must be a whole number from 1 to ${MOST_OCCURRENCES}, got ${count}`,
    );
  }
}

/**
 * The scene of a seed, the same bits everywhere: one to four objects of one class, of varied sizes and distances, on a textured ground
 * with shapes of no class about. Colour, size, tilt and ground are drawn apart from the class: only the shape tells it.
 * @throws InputError for a class or a count that there is not.
 * @example
 * createScene(7, { classIndex: 4, count: 3 }).occurrences.length // 3
 */
export function createScene(seed: number, options: SceneOptions = {}): Scene {
  wantNumber(seed, 'the seed', 'make a scene');
  checkOptions(options, { classIndex: 'number', count: 'number' }, 'make a scene');
  checkScene(options);
  const size = SCENE_SIZE;
  const random = createRandom(seed, STREAM);
  const [drawnClass, drawnCount] = [
    random.integer(sceneClasses.length),
    1 + random.integer(MOST_OCCURRENCES),
  ];
  const { classIndex = drawnClass, count = drawnCount } = options;
  const scheme = drawScheme(random);
  const ground = drawGround(random, size, scheme);
  const places = placeApart(random, size, count);
  for (const mark of drawClutter(random, size, [scheme, places])) {
    paintShadow(ground, mark, size);
    paintMark(ground, mark, size);
  }
  const figure = classShapes[sceneClasses[classIndex]];
  const marks = places.map((place) => drawMark(random, place, figure, scheme));
  const grain = drawGrain(random, size);
  const render = (shown: readonly Mark[]): Uint8Array => {
    const planes = ground.slice();
    for (const mark of shown) paintShadow(planes, mark, size);
    for (const mark of shown) paintMark(planes, mark, size);
    return develop(planes, grain);
  };
  return {
    pixels: render(marks),
    size,
    classIndex,
    occurrences: marks.map((mark) => {
      const mask = maskOf(mark, size);
      return { mask, box: boxOf(mask, size) };
    }),
    without(occurrence) {
      if (marks[occurrence] === undefined) {
        throw new InputError(
          `Cannot take an occurrence out of a scene: it has those from 0 to ${count - 1}, got ${occurrence}`,
        );
      }
      return render(marks.filter((_, i) => i !== occurrence));
    },
  };
}
