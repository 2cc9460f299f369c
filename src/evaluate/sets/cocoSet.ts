import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../tensor/errors.ts';
import type { FilePicture, Outline } from './filePicture.ts';
import { fileSet } from './fileSet.ts';
import type { PictureSet, SetFile } from './set.ts';

/** What is read of a COCO file. */
interface Coco {
  readonly images: readonly { readonly id: number; readonly file_name: string }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly Annotation[];
}

interface Annotation {
  readonly image_id: number;
  readonly category_id: number;
  readonly iscrowd?: number;
  readonly segmentation: Outline;
}

const INSTANCES = /^instances_(.+)\.json$/;

/** @throws InputError where it is no such file. */
function readCoco(path: string): Coco {
  const lists = ['images', 'categories', 'annotations'] as const;
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Coco;
    if (lists.every((name) => Array.isArray(read[name]))) return read;
  } catch {
    // What follows says so.
  }
  throw new InputError(
    `Cannot read ${path}: it must be JSON with the lists ${lists.join(', ')}, as COCO has them`,
  );
}

/** Where a picture of COCO lies: beside the annotations, in a folder by their name. */
function pathOf(folder: string, part: string, file: string): string {
  const places = [join(folder, part, file), join(folder, 'images', part, file), join(folder, 'images', file)];
  return places.find((place) => existsSync(place)) ?? places[0];
}

/**
 * `coco:DIR`: `annotations/instances_NAME.json`, the last by name, and the pictures in `NAME` or `images`: each picture once for each category in it,
 * in the order of the file. Crowds are left out.
 * @throws InputError where there are no annotations.
 */
export function cocoSet(name: string, folder: string): PictureSet {
  const annotations = join(folder, 'annotations');
  const files = existsSync(annotations)
    ? readdirSync(annotations)
        .filter((file) => INSTANCES.test(file))
        .sort()
    : [];
  const file = files.at(-1);
  if (file === undefined)
    throw new InputError(
      `Cannot evaluate on ${name}: there is no annotations/instances_NAME.json in ${folder}`,
    );
  const coco = readCoco(join(annotations, file));
  const part = INSTANCES.exec(file)?.[1] ?? '';
  const categories = new Map(coco.categories.map(({ id, name: each }) => [id, each]));
  const groups = new Map<string, Annotation[]>();
  for (const each of coco.annotations) {
    if (each.iscrowd === 1) continue;
    const key = `${each.image_id} ${each.category_id}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const pictures = coco.images.flatMap(({ id, file_name: own }) =>
    [...categories].flatMap(([category, label]): FilePicture<SetFile>[] => {
      const outlines = groups.get(`${id} ${category}`)?.map(({ segmentation }) => segmentation);
      if (outlines === undefined) return [];
      const file = { name: own, path: pathOf(folder, part, own) };
      return [{ name: `${own} ${label}`, file, label, occurrences: { by: 'outlines', outlines } }];
    }),
  );
  if (pictures.length === 0) throw new InputError(`Cannot evaluate on ${name}: ${file} marks no occurrence`);
  return fileSet(name, pictures.length, (index) => pictures[index]);
}
