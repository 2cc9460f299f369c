import { sha256Of } from '../node/digestBytes.ts';

/** How results are written: to be counted up where the same key must not mean the same bytes. */
const FORMAT = 'jetgrad-evaluation/1';

/** A record with its names in order, so that equal settings are equal texts. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A name for what a picture gives by a model and by settings: the same on every machine. */
export const keyOf = (facts: {
  readonly model: string;
  readonly picture: string;
  readonly settings: unknown;
  readonly version: string;
}): string =>
  sha256Of(JSON.stringify([FORMAT, facts.version, facts.model, facts.picture, canonical(facts.settings)]));
