/** How well a network tells the classes of scenes that training never saw. */
import { createScene, sceneClasses } from '../src/evaluate/scenes/index.ts';
import type { ModelData } from '../src/model/data/format.ts';
import { modelOf } from '../src/model/modelOf.ts';
import { HELD_OUT_SEED, unseen, VALIDATION_SEED, wholeScenes } from './batches.ts';

const SCENES = 1200;
const AT_ONCE = 48;

/** The class that a network takes each of these scenes for: their places in the row of unseen scenes that begins at a seed. */
export async function predictions(
  data: ModelData,
  first: number,
  places: readonly number[],
): Promise<number[]> {
  const model = modelOf(data);
  const found: number[] = [];
  for (let start = 0; start < places.length; start += AT_ONCE) {
    const scenes = places.slice(start, start + AT_ONCE).map((at) => {
      const { seed, ...options } = unseen(first, at);
      return createScene(seed, options);
    });
    const { data: logits } = (await model.run(wholeScenes(scenes).pictures))[model.outputs[0].name];
    for (let i = 0; i < scenes.length; i++) {
      const row = Array.from(logits.subarray(i * sceneClasses.length, (i + 1) * sceneClasses.length));
      found.push(row.indexOf(Math.max(...row)));
    }
  }
  return found;
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;

/**
 * Accuracy on validation scenes, by which a network may be chosen, and on held-out scenes, by which none is: in all, by the number of
 * objects, how often each class (row) was taken for each (column), and which scenes were missed, as lines.
 */
export async function accuracyLines(data: ModelData): Promise<string[]> {
  const places = Array.from({ length: SCENES }, (_, at) => at);
  const isMissed = (of: readonly number[]) => (at: number) => of[at] !== unseen(0, at).classIndex;
  const missedThere = places.filter(isMissed(await predictions(data, VALIDATION_SEED, places)));
  const taken = await predictions(data, HELD_OUT_SEED, places);
  const missed = places.filter(isMissed(taken));
  const confusion = sceneClasses.map(() => sceneClasses.map(() => 0));
  const right = [0, 0, 0, 0];
  for (const at of places) {
    const { classIndex, count } = unseen(0, at);
    confusion[classIndex][taken[at]]++;
    if (taken[at] === classIndex) right[count - 1]++;
  }
  return [
    `validation accuracy ${percent(SCENES - missedThere.length, SCENES)} of ${SCENES} scenes`,
    `held-out accuracy ${percent(SCENES - missed.length, SCENES)} of ${SCENES} scenes`,
    ...right.map((each, i) => `  of ${i + 1} object${i === 0 ? '' : 's'}: ${percent(each, SCENES / 4)}`),
    'rows: class; columns: taken for',
    ...confusion.map(
      (row, i) => `${sceneClasses[i].padEnd(10)} ${row.map((n) => String(n).padStart(4)).join('')}`,
    ),
    `missed: ${missed.join(' ')}`,
  ];
}
