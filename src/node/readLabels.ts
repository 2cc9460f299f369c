import { parseJson } from '../model/file/parseJson.ts';
import { InputError } from '../tensor/errors.ts';
import { readInputText } from './readInputFile.ts';
import { wantPath } from './wantPath.ts';

/** A list of labels, or an object by index: {"0": "tench", …}, {"0": ["n01440764", "tench"], …}. */
function labelsOfJson(json: unknown, where: string): string[] {
  const list = Array.isArray(json)
    ? json
    : typeof json === 'object' && json !== null
      ? orderedValues(json)
      : [];
  const isText = (each: unknown) => typeof each === 'string';
  const labels = list.map((each) => (Array.isArray(each) && each.every(isText) ? each.join(' ') : each));
  if (labels.length > 0 && labels.every((label) => typeof label === 'string')) return labels as string[];
  throw new InputError(
    `Cannot use the labels of ${where}: a JSON list of texts is wanted, or an object of texts by index 0, 1, …`,
  );
}

function orderedValues(json: object): unknown[] {
  const byIndex = json as Readonly<Record<string, unknown>>;
  const values = Object.keys(byIndex).map((_, index) => byIndex[String(index)]);
  return values.includes(undefined) ? [] : values;
}

/** Lines that all begin with their own number, from 0 or from 1, lose it. */
function withoutNumbers(lines: readonly string[]): string[] {
  const numbered = lines.map((line) => /^\s*(\d+)(?:\s*[:,]\s*|\s+)(\S.*)$/.exec(line));
  const inOrder = (first: number) =>
    numbered.every((found, i) => found !== null && Number(found[1]) === i + first);
  if (!inOrder(0) && !inOrder(1)) return lines.map((line) => line.trim());
  return numbered.map((found) => (found as RegExpExecArray)[2].trim());
}

/**
 * Labels of a text: one a line, each perhaps behind its number; or JSON, a list or an object by index.
 * @throws InputError for a text without labels, naming the file.
 */
export function parseLabels(text: string, where: string): string[] {
  const trimmed = text.trim();
  if (trimmed === '') throw new InputError(`Cannot use the labels of ${where}: there are none`);
  if (/^[[{]/.test(trimmed)) {
    const json = parseJson(trimmed);
    if (json === undefined)
      throw new InputError(`Cannot read the labels of ${where}: it is not JSON, or it is cut short`);
    return labelsOfJson(json, where);
  }
  return withoutNumbers(text.trimEnd().split(/\r?\n/));
}

/**
 * Class names of a file: one a line, perhaps behind its number, or JSON, a list or an object by index.
 * @throws InputError naming a file without labels.
 * @example
 * import { writeFileSync } from 'node:fs';
 * const { labels = [] } = await loadModel('weights/scenes-vgg.json');
 * writeFileSync('jetgrad-out/labels.txt', labels.join('\n'));
 * readLabels('jetgrad-out/labels.txt').length // 12
 */
export function readLabels(path: string): string[] {
  return parseLabels(readInputText(wantPath(path, 'read labels')), path);
}
