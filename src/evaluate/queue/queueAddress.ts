import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';

/** Where jobs wait, and what keeps them. */
export interface QueueAddress {
  readonly keeper: 'redis' | 'postgres';
  /** As its client takes it, with user, password and TLS where they are given. */
  readonly url: string;
  /** For reading: without user and password. */
  readonly shown: string;
}

/** Schemes, and what keeps the jobs behind each; those with an s speak TLS. */
const schemes: Readonly<Record<string, readonly [keeper: QueueAddress['keeper'], scheme: string]>> = {
  redis: ['redis', 'redis'],
  rediss: ['redis', 'rediss'],
  valkey: ['redis', 'redis'],
  valkeys: ['redis', 'rediss'],
  postgres: ['postgres', 'postgres'],
  postgresql: ['postgres', 'postgresql'],
};

const EXAMPLE = 'redis://127.0.0.1:6379';

/** Reads the address of a queue: redis, valkey (with an s for TLS) or postgres. @throws InputError, which never has the password. */
export function queueAddress(text: string): QueueAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  const names = Object.keys(schemes);
  if (scheme === '') {
    throw new InputError(`Cannot use --queue: an address such as ${EXAMPLE} is wanted`);
  }
  if (!Object.hasOwn(schemes, scheme.toLowerCase())) {
    throw new InputError(
      `Cannot use --queue ${scheme}://…: it must begin with ${names.join(', ')}${didYouMean(scheme, names)}`,
    );
  }
  const [keeper, own] = schemes[scheme.toLowerCase()];
  let parsed: URL;
  try {
    // Node's URL knows a host for schemes that it does not know, too.
    parsed = new URL(`${own}://${rest}`);
  } catch {
    throw new InputError(`Cannot use --queue ${scheme}://…: it is no address; give one such as ${EXAMPLE}`);
  }
  if (parsed.hostname === '') {
    throw new InputError(`Cannot use --queue ${scheme}://…: it names no host; give one such as ${EXAMPLE}`);
  }
  const port = parsed.port === '' ? '' : `:${parsed.port}`;
  return { keeper, url: parsed.href, shown: `${scheme}://${parsed.hostname}${port}` };
}
