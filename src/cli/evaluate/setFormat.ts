import { join } from 'node:path';
import { metricNames } from '../../cam/metrics/metrics.ts';
import { methodNames } from '../../cam/more/methodTable.ts';
import { scoreNames } from '../../cam/score.ts';
import { isKey } from '../../evaluate/queue/job.ts';
import { parseStoredFile } from '../../evaluate/sets/storedPicture.ts';
import type { Content, StoredFile } from '../../evaluate/store/content.ts';
import { presetNames } from '../../image/preprocess.ts';
import { leavesFolder } from '../../model/file/leavesFolder.ts';
import { parseJson } from '../../model/file/parseJson.ts';
import { filterNames } from '../../model/file/parsePreprocessing.ts';
import { InputError } from '../../tensor/errors.ts';
import { backends } from '../shared/computeOptions.ts';
import type { SubjectFlags } from './openWork.ts';

/** How a queued set is written down: to be counted up where that changes. */
export const SET_FORMAT = 'jetgrad-set/1';

/** Pictures in a part of the list. */
export const PART = 256;

/** Stands for the bundled model, which is on every machine: no name of a file, since those have a folder. */
export const BUNDLED = 'bundled';

/** The folder of the models in a set: each has one of its own in it, by its place. */
export const MODELS = 'models';

/**
 * A set as it goes to other machines, a file by its content like those that it is made of. No path of any machine is in it: flags name files by
 * what they are called inside of the set.
 */
export interface QueuedSet {
  readonly format: typeof SET_FORMAT;
  readonly flags: SubjectFlags;
  readonly files: readonly StoredFile[];
  /** Pictures that are drawn: `scenes:N`. */
  readonly drawn?: string;
  /** Pictures that are files: lists of `PART` each. */
  readonly parts?: readonly Content[];
  /** By piece. */
  readonly keys: readonly string[];
}

/** Where a file of a set lies on this machine. */
export const inFolder = (folder: string, name: string): string => join(folder, ...name.split('/'));

/** Whether a name is of a file in a folder of a set, on every system. */
export const isInside = (name: string): boolean =>
  !leavesFolder(name) && !/[\\:]|(^|\/)\.{0,2}(\/|$)/.test(name) && name.includes('/');

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === 'string';
const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.some((name) => name === value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check);

/** What each flag may be; `isFile` tells of names inside of the set. */
const flagChecks = (isFile: Check): Readonly<Record<keyof SubjectFlags, Check>> => ({
  model: listOf((value) => value === BUNDLED || isFile(value)),
  labels: isFile,
  preprocess: (value) => oneOf(presetNames)(value) || isFile(value),
  mean: listOf(isNumber),
  std: listOf(isNumber),
  resize: listOf(isNumber),
  crop: listOf(isNumber),
  filter: oneOf(filterNames),
  layer: isText,
  method: listOf(oneOf(methodNames)),
  metric: listOf(oneOf(metricNames)),
  score: listOf(oneOf(scoreNames)),
  sigma: listOf(isNumber),
  samples: listOf(isCount),
  seed: isCount,
  maxMemory: isNumber,
  backend: oneOf(backends),
});

const required = ['model', 'method', 'metric', 'score', 'sigma', 'samples', 'seed', 'backend'] as const;

type Fields = Readonly<Record<string, unknown>>;

function checkFlags(flags: Fields, files: readonly StoredFile[]): SubjectFlags {
  const names = new Set(files.map(({ name }) => name));
  const checks: Readonly<Record<string, Check>> = flagChecks((value) => names.has(value as string));
  const wrong =
    Object.keys(flags).find((name) => !Object.hasOwn(checks, name) || !checks[name](flags[name])) ??
    required.find((name) => flags[name] === undefined);
  if (wrong !== undefined) throw new InputError(`its flag ${wrong} is not as it must be`);
  return flags as unknown as SubjectFlags;
}

function checkFiles(values: unknown): StoredFile[] {
  if (!Array.isArray(values)) throw new InputError('it has no list of files');
  const files = values.map(parseStoredFile);
  const wrong = files.find(({ name }) => !isInside(name));
  if (wrong !== undefined) throw new InputError(`the name ${JSON.stringify(wrong.name)} leaves it`);
  if (new Set(files.map(({ name }) => name)).size < files.length)
    throw new InputError('two of its files have one name');
  return files;
}

/** Nothing else is drawn: it is no folder. */
const isScenes = (drawn: unknown): drawn is string =>
  typeof drawn === 'string' && /^scenes:\d+(:\d+)?$/.test(drawn);

/** A list as others have written it down. @throws InputError for anything else. */
export function parseList(bytes: Uint8Array): readonly unknown[] {
  const list = parseJson(new TextDecoder().decode(bytes));
  if (Array.isArray(list)) return list;
  throw new InputError('its list of pictures is none');
}

/** A set as others have written it down. @throws InputError for anything else. */
export function parseQueuedSet(bytes: Uint8Array): QueuedSet {
  const read = parseJson(new TextDecoder().decode(bytes));
  if (typeof read !== 'object' || read === null) throw new InputError('it is not JSON');
  const { format, flags, files: listed, drawn, parts, keys, ...others } = read as Fields;
  if (format !== SET_FORMAT || Object.keys(others).length > 0)
    throw new InputError(`it is not of the format ${SET_FORMAT}`);
  if (typeof flags !== 'object' || flags === null) throw new InputError('it has no flags');
  const files = checkFiles(listed);
  const checked = checkFlags(flags as Fields, files);
  if (!Array.isArray(keys) || !keys.every(isKey)) throw new InputError('its keys are none');
  const all = { format: SET_FORMAT, flags: checked, files, keys } as const;
  if (parts === undefined && isScenes(drawn)) return { ...all, drawn };
  if (drawn !== undefined || !Array.isArray(parts)) throw new InputError('it has no pictures');
  return { ...all, parts: parts.map((part) => parseStoredFile({ ...part, name: '' })) };
}
