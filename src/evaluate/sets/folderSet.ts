import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256Of } from '../../node/digestBytes.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { readInputFile, readInputText } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import type { PictureSet } from './set.ts';

const isPicture = (name: string) => /\.(png|jpe?g)$/i.test(name) && !isMask(name);
const isMask = (name: string) => /\.mask\.png$/i.test(name);
const LABELS = 'labels.csv';

/** Cells of a line of a CSV file: commas part them, quotes hold them together. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim(),
  );
}

/** Labels by file, of `file,label` a line; a first line that names the two is passed over. @throws InputError naming the line. */
export function parseLabelTable(text: string, where: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const [file, label, ...others] = cellsOf(line);
    if (label === undefined || others.length > 0 || file === '') {
      throw new InputError(
        `Cannot read ${where}: line ${i + 1} must be a file and its label with a comma between, got "${line}"`,
      );
    }
    if (i > 0 || !/^(file|picture|image|name)$/i.test(file)) labels.set(file, label);
  }
  return labels;
}

/** The pixels of each instance of a mask file: one for each colour but black, in the order of red + 256 green + 65536 blue. */
function instancesOf(path: string, size: { readonly width: number; readonly height: number }): Uint8Array[] {
  const { width, height, data } = decodePicture(readInputFile(path), path);
  if (width !== size.width || height !== size.height) {
    throw new InputError(
      `Cannot use the mask ${path}: it has ${width}×${height} pixels, its picture ${size.width}×${size.height}`,
    );
  }
  const masks = new Map<number, Uint8Array>();
  for (let i = 0; i < width * height; i++) {
    const value = data[4 * i] + 256 * data[4 * i + 1] + 65536 * data[4 * i + 2];
    if (value === 0) continue;
    const mask = masks.get(value) ?? new Uint8Array(width * height);
    mask[i] = 1;
    masks.set(value, mask);
  }
  return [...masks].sort(([a], [b]) => a - b).map(([, mask]) => mask);
}

/**
 * A folder of pictures (PNG, JPEG), those of its folders among them, in the order of their names. The label of a picture is what labels.csv says of
 * it, or the name of its folder; the occurrences of its class are the colours of NAME.mask.png beside it, black is ground.
 * @throws InputError for a folder without pictures, and a table of labels that cannot be read.
 */
export function folderSet(folder: string): PictureSet {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(isPicture)
    .sort();
  if (files.length === 0)
    throw new InputError(`Cannot evaluate on ${folder}: there is no PNG or JPEG picture in it`);
  const table = join(folder, LABELS);
  const labels = existsSync(table) ? parseLabelTable(readInputText(table), table) : undefined;
  const labelOf = (file: string) =>
    labels?.get(file) ?? (dirname(file) === '.' ? undefined : dirname(file).split('/').at(-1));
  const maskOf = (file: string) => join(folder, file.replace(/\.\w+$/, '.mask.png'));
  return {
    name: folder,
    count: files.length,
    nameOf: (index) => files[index],
    hashOf(index) {
      const file = files[index];
      const mask = existsSync(maskOf(file)) ? sha256Of(readInputFile(maskOf(file))) : '';
      return sha256Of(`${sha256Of(readInputFile(join(folder, file)))} ${mask} ${labelOf(file) ?? ''}`);
    },
    read(index) {
      const path = join(folder, files[index]);
      const picture = decodePicture(readInputFile(path), path);
      const mask = maskOf(files[index]);
      return {
        picture,
        label: labelOf(files[index]),
        masks: existsSync(mask) ? instancesOf(mask, picture) : [],
      };
    },
  };
}
