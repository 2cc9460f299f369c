import { statSync } from 'node:fs';
import { InputError } from '../../tensor/errors.ts';
import { cocoSet } from './cocoSet.ts';
import { folderSet } from './folderSet.ts';
import { sceneSet } from './sceneSet.ts';
import type { PictureSet } from './set.ts';
import { vocSet } from './vocSet.ts';

/** What sets there are, for help and errors. */
export const setHelp = 'a folder of pictures, scenes:N or scenes:N:SEED, coco:FOLDER or voc:FOLDER';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Scenes that a text asks for: so many, of a seed. @throws InputError for none, and a seed that is too large. */
function scenesOf(text: string, labels: readonly string[]): PictureSet | undefined {
  const [, count, seed = '0'] = /^scenes:(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  if (Number(count) === 0 || Number(seed) >= 2 ** 20) {
    throw new InputError(
      `Cannot evaluate on "${text}": at least one scene is wanted, and a seed below ${2 ** 20}`,
    );
  }
  return sceneSet(text, { count: Number(count), seed: Number(seed), labels });
}

const marked = { coco: cocoSet, voc: vocSet } as const;

function setOf(text: string, labels: readonly string[]): PictureSet {
  const scenes = scenesOf(text, labels);
  if (scenes !== undefined) return scenes;
  const [, kind, folder = text] = /^(coco|voc):(.+)$/s.exec(text) ?? [];
  if (!isFolder(folder)) throw new InputError(`Cannot evaluate on "${text}": it must be ${setHelp}`);
  return kind === undefined ? folderSet(folder) : marked[kind as keyof typeof marked](text, folder);
}

/** The set that a text means, its first pictures where there is a limit. @throws InputError for what is no set. */
export function openSet(
  text: string,
  { labels, limit }: { readonly labels: readonly string[]; readonly limit?: number | undefined },
): PictureSet {
  const set = setOf(text, labels);
  return limit === undefined ? set : { ...set, count: Math.min(limit, set.count) };
}
