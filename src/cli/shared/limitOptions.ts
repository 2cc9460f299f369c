import { Option } from 'commander';
import { limits } from '../../tensor/limits.ts';
import { byteCount, wholeNumber } from './parseOptions.ts';

/** The flags that raise or lower bounds on what files may ask for; undefined where the bound is the usual one. */
export interface LimitFlags {
  readonly maxPixels?: number | undefined;
  readonly maxMemory?: number | undefined;
}

export const maxPixelsOption = new Option(
  '--max-pixels <n>',
  `most pixels that a picture may have (default: ${limits.pixels.value / 1e6} million)`,
).argParser(wholeNumber('max-pixels', { least: 1 }));

export const maxMemoryOption = new Option(
  '--max-memory <bytes>',
  `most bytes that a result of a node of the network may take, such as 512M or 4G (default: ${(limits.entries.value * 8) / 2 ** 30}G)`,
).argParser(byteCount('max-memory'));
