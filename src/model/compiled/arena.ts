import { type Buffer, type Operation, wholeOf } from './lower/values.ts';

const ALIGN = 64;

/** Offsets of all buffers in one arena, so that buffers that are needed at the same time do not overlap. */
export interface Arena {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<Buffer, number>;
}

interface Life {
  readonly buffer: Buffer;
  readonly size: number;
  first: number;
  last: number;
}

function livesOf(operations: readonly Operation[]): Life[] {
  const lives = new Map<Buffer, Life>();
  operations.forEach(({ reads, writes }, at) => {
    for (const part of [...reads, ...writes]) {
      const buffer = wholeOf(part);
      if (buffer.address !== undefined) continue;
      const life = lives.get(buffer);
      if (life === undefined) {
        const size = Math.ceil(buffer.bytes / ALIGN) * ALIGN;
        lives.set(buffer, { buffer, size, first: at, last: at });
      } else life.last = at;
    }
  });
  return [...lives.values()];
}

/** Places the largest buffers first, each at the lowest offset that is free for all of its life. */
export function planArena(operations: readonly Operation[]): Arena {
  const offsets = new Map<Buffer, number>();
  const placed: { life: Life; at: number }[] = [];
  let bytes = 0;
  for (const life of livesOf(operations).sort((a, b) => b.size - a.size)) {
    let at = 0;
    for (const other of placed) {
      const meets = other.life.first <= life.last && life.first <= other.life.last;
      if (meets && other.at < at + life.size && at < other.at + other.life.size)
        at = other.at + other.life.size;
    }
    placed.push({ life, at });
    placed.sort((a, b) => a.at - b.at);
    offsets.set(life.buffer, at);
    bytes = Math.max(bytes, at + life.size);
  }
  return { bytes, offsets };
}
