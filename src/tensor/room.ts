import { InputError } from './errors.ts';
import { beyond, type Limit } from './limits.ts';

/** What the computation at hand may take. */
export interface Room {
  /** Bound on one length. */
  readonly most: Limit;
  /** Bound on all of them together, and what has been taken so far. */
  readonly total?: { readonly limit: Limit; taken: number };
}

let room: Room | undefined;

/** Computes with a bound on every length that becomes memory. */
export function inRoom<T>(given: Room, compute: () => T): T {
  const before = room;
  room = given;
  try {
    return compute();
  } finally {
    room = before;
  }
}

/**
 * A length, once it is known that there is room for so many entries: asked before memory is taken, or a loop begins. Nodes of a network
 * are bounded, callers of their own functions are not.
 * @throws InputError for what is no length, and for one beyond the bound.
 */
export function roomFor(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0) {
    const why =
      length > Number.MAX_SAFE_INTEGER ? 'there is no room for so many' : 'a whole number is wanted';
    throw new InputError(`Cannot make a tensor of ${length} entries: ${why}`);
  }
  if (room !== undefined) {
    if (length > room.most.value) throw new InputError(beyond(room.most, length));
    const { total } = room;
    if (total !== undefined) {
      total.taken += length;
      if (total.taken > total.limit.value) throw new InputError(beyond(total.limit, total.taken));
    }
  }
  return length;
}
