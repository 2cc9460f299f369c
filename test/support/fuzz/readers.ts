import { arrayReaders } from './arrays.ts';
import { modelReaders } from './models.ts';
import { networkReaders } from './networks.ts';
import { pictureReaders } from './pictures.ts';
import type { FuzzReader } from './reader.ts';
import { textReaders } from './texts.ts';

/** Everything that reads what strangers wrote: one row each, a file of rows for each part of jetgrad. */
export const readers: readonly FuzzReader[] = [
  ...textReaders,
  ...pictureReaders,
  ...arrayReaders,
  ...networkReaders,
  ...modelReaders,
];
