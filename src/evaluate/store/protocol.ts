import { createHash } from 'node:crypto';
import { InputError } from '../../tensor/errors.ts';

/** What a server says of itself, so that no other is taken for one. */
export const GREETING = 'jetgrad-store/1';

/** What is asked for by a name of 64 hexadecimal digits, and nothing else is. */
export const kinds = ['results', 'failures', 'cancelled', 'files'] as const;
export type Kind = (typeof kinds)[number];

/** The environment variable that has the secret which a server and its workers share. */
export const TOKEN = 'JETGRAD_STORE_TOKEN';

/** The header that names the machine which found a result. */
export const HOST_HEADER = 'jetgrad-host';

/** The header by which a body is checked, as RFC 9530 has it. */
export const DIGEST_HEADER = 'content-digest';

export const digestOf = (bytes: Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

/** That a body was not what its digest says: perhaps cut short on its way. */
export const MISREAD = 422;

/** The secret of an environment; undefined where there is none. @throws InputError for one that no header can have. */
export function tokenOf({ [TOKEN]: token = '' }: NodeJS.ProcessEnv): string | undefined {
  if (token === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InputError(`Cannot use ${TOKEN}: it must be letters, digits and signs of ASCII without blanks`);
}
