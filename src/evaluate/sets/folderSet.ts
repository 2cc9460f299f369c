import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readInputText } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import { fileSet } from './fileSet.ts';
import type { PictureSet, SetFile } from './set.ts';

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
  const inFolder = (name: string): SetFile => ({ name, path: join(folder, name) });
  return fileSet(folder, files.length, (index) => {
    const name = files[index];
    const mask = inFolder(name.replace(/\.\w+$/, '.mask.png'));
    const occurrences = { by: 'colours', mask: existsSync(mask.path) ? mask : undefined } as const;
    return { name, file: inFolder(name), label: labelOf(name), occurrences };
  });
}
