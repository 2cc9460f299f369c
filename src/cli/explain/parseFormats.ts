import { type Format, formats } from '../../node/explanation/figure.ts';
import { severalOf } from '../shared/parseOptions.ts';

/** Reads the formats that are written. @throws InputError naming them. */
export const parseFormats: (text: string) => Format[] = severalOf('format', formats);
