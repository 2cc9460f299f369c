const ALIGN = 64;

/** Places in a growing memory: first fit among the gaps, else at the end. */
export interface Allocator {
  /** The offset of `bytes` bytes, a multiple of 64. */
  reserve(bytes: number): number;
  /** Gives back what `reserve` gave. */
  release(offset: number): void;
}

/** @param grow makes sure that the memory holds this many bytes in all; throws where it can't. */
export function createAllocator(start: number, grow: (bytes: number) => void): Allocator {
  const sizes = new Map<number, number>();
  let gaps: { at: number; size: number }[] = [];
  let end = start;
  return {
    reserve(bytes) {
      const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
      const gap = gaps.find((g) => g.size >= size);
      let at = end;
      if (gap === undefined) {
        grow(end + size);
        end += size;
      } else {
        at = gap.at;
        gap.at += size;
        gap.size -= size;
        if (gap.size === 0) gaps = gaps.filter((g) => g !== gap);
      }
      sizes.set(at, size);
      return at;
    },
    release(offset) {
      const size = sizes.get(offset);
      if (size === undefined) return;
      sizes.delete(offset);
      const sorted = [...gaps, { at: offset, size }].sort((a, b) => a.at - b.at);
      gaps = [];
      for (const gap of sorted) {
        const last = gaps.at(-1);
        if (last !== undefined && last.at + last.size === gap.at) last.size += gap.size;
        else gaps.push(gap);
      }
      const last = gaps.at(-1);
      if (last !== undefined && last.at + last.size === end) {
        end = last.at;
        gaps.pop();
      }
    },
  };
}
