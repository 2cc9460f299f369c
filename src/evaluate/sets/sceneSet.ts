import type { Picture } from '../../image/picture.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { InputError } from '../../tensor/errors.ts';
import { createScene, sceneClasses } from '../scenes/index.ts';
import type { PictureSet } from './set.ts';

/** Seeds of a set lie this far from those of another, and from the small ones that networks are trained on. */
const APART = 2 ** 32;
/** How scenes are drawn: to be counted up where that changes, so that no result of before is taken for one of now. */
const VERSION = 1;

/** Planes of red, green and blue as a picture. */
function pictureOf(pixels: Uint8Array, size: number): Picture {
  const plane = size * size;
  const data = new Uint8Array(4 * plane).fill(255);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = pixels[channel * plane + i];
  }
  return { width: size, height: size, data };
}

/**
 * `scenes:N:seed`: generated scenes of the classes that the models know, in turn, so that each class and each number of occurrences comes as
 * often.
 * @throws InputError where no class of the scenes is among the labels.
 */
export function sceneSet(
  name: string,
  { count, seed, labels }: { count: number; seed: number; labels: readonly string[] },
): PictureSet {
  const classes = sceneClasses.flatMap((each, index) => (labels.includes(each) ? [index] : []));
  if (classes.length === 0) {
    throw new InputError(
      `Cannot evaluate on ${name}: the labels of the model name none of the scenes' classes, ${sceneClasses.join(', ')}`,
    );
  }
  const occurrences = 4;
  const drawn = (index: number) => ({
    seed: (seed + 1) * APART + index,
    classIndex: classes[index % classes.length],
    count: 1 + (Math.floor(index / classes.length) % occurrences),
  });
  return {
    name,
    count,
    nameOf: (index) => `scene ${seed}:${index}`,
    hashOf: (index) => sha256Of(JSON.stringify({ scene: VERSION, ...drawn(index) })),
    read(index) {
      const { seed: own, ...options } = drawn(index);
      const scene = createScene(own, options);
      return {
        picture: pictureOf(scene.pixels, scene.size),
        label: sceneClasses[scene.classIndex],
        masks: scene.occurrences.map(({ mask }) => mask),
        without: (occurrence) => pictureOf(scene.without(occurrence), scene.size),
      };
    },
  };
}
