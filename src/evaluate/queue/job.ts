import { InputError } from '../../tensor/errors.ts';

/** What waits in a queue: names of content alone. Where anything lies, and what is computed, the results' folder says. */
export interface Job {
  /** Sha256 of the set that it is of, 64 hexadecimal digits. */
  readonly set: string;
  /** Sha256 of what is computed: model, picture, options, version. */
  readonly key: string;
}

/** Whether a text is a sha256 in lower-case hexadecimal digits: no path, whatever is done with it. */
export const isKey = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** A job by the name that it has in the queue, so that it waits there once. */
export const jobId = (key: string): string => `p-${key}`;

/** The job that a queue hands over, checked: others may write to it, too. @throws InputError */
export function readJob(data: unknown): Job {
  const { set, key, ...others } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  if (isKey(set) && isKey(key) && Object.keys(others).length === 0) return { set, key };
  throw new InputError(
    'Cannot take a job: it must have a set and a key of 64 hexadecimal digits, and nothing else',
  );
}
