import { InputError } from '../../tensor/errors.ts';

/** The address of a server that has a folder of results. */
export interface StoreAddress {
  /** Ends in a /. */
  readonly url: string;
  /** For reading. */
  readonly shown: string;
}

/** Whether a text is the address of a server, and no folder. */
export const isStoreAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** Reads an address of http or https, perhaps with a path in front of all that is asked for. @throws InputError */
export function storeAddress(text: string): StoreAddress {
  const fail = (why: string) =>
    new InputError(`Cannot use --out ${why}; an address such as http://127.0.0.1:7410 is wanted`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw fail('as an address: it is none');
  }
  const { protocol, host, pathname, username, password, search, hash } = url;
  if (username !== '' || password !== '') {
    throw fail(`${protocol}//…@${host}: user and password are not for addresses; set JETGRAD_STORE_TOKEN`);
  }
  const shown = `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
  if (search !== '' || hash !== '') throw fail(`${shown}…: nothing may stand behind its path`);
  return { url: `${shown}/`, shown };
}
