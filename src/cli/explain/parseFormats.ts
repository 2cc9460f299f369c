import { severalOf } from '../shared/parseOptions.ts';
import { type Format, formats } from './outputNames.ts';

/** Reads the formats that are written. @throws InputError naming them. */
export const parseFormats: (text: string) => Format[] = severalOf('format', formats);
