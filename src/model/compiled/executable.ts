import type { CompiledProgram, Device } from '../../tensor/kernels/wasm/device.ts';
import { planArena } from './arena.ts';
import { type Buffer, placeOf, wholeOf } from './lower/values.ts';
import type { Item, Schedule, View } from './schedule.ts';

/** Work of one program, additions and multiplications: about a tenth of a second, the time between two signs of progress. */
const PIECE = 5e9;

export type Piece = CompiledProgram | Required<Pick<Item, 'operation' | 'host'>>;

/** A schedule with its memory. */
export interface Executable {
  readonly pieces: readonly Piece[];
  /** The backward pass, and the name of the cotangent that it ends in. */
  readonly back: { readonly pieces: readonly Piece[]; readonly output: string } | undefined;
  readonly view: View;
  release(): void;
}

function cutPieces(items: readonly Item[], device: Device, at: (buffer: Buffer) => number): Piece[] {
  const pieces: Piece[] = [];
  let pending: Item[] = [];
  let work = 0;
  const flush = () => {
    const steps = pending.flatMap(({ operation, layer }) =>
      operation.steps(at).map((each) => (layer === undefined ? each : { ...each, layer })),
    );
    if (steps.length > 0) pieces.push(device.compile(steps));
    pending = [];
    work = 0;
  };
  for (const item of items) {
    if (item.host !== undefined) {
      flush();
      pieces.push({ operation: item.operation, host: item.host });
      continue;
    }
    if (work + item.operation.work > PIECE) flush();
    pending.push(item);
    work += item.operation.work;
  }
  flush();
  return pieces;
}

function buffersOf(items: readonly Item[]): Set<Buffer> {
  return new Set(items.flatMap(({ operation: { reads, writes } }) => [...reads, ...writes].map(wholeOf)));
}

/**
 * Plans a schedule's memory on a device and makes programs of its operations. `reserve` gives so many bytes, which others may use between
 * two runs.
 */
export function build(
  { items, back }: Schedule,
  device: Device,
  reserve: (bytes: number) => number,
): Executable {
  const returning = back?.items ?? [];
  const [forth, after] = [buffersOf(items), buffersOf(returning)];
  // The backward pass may run several times: buffers that it reads from the forward pass must outlive it.
  const kept = {
    reads: [...forth].filter((buffer) => after.has(buffer)),
    writes: [],
    work: 0,
    steps: () => [],
  };
  const operations = [...items, ...returning].map(({ operation }) => operation);
  const { bytes, offsets } = planArena([...operations, kept]);
  const base = reserve(bytes);
  const at = (buffer: Buffer) => placeOf(buffer, (whole) => base + (offsets.get(whole) as number));
  const pieces = cutPieces(items, device, at);
  const backPieces = cutPieces(returning, device, at);
  return {
    pieces,
    back: back && { pieces: backPieces, output: back.output },
    view: (buffer, length) => device.float32(at(buffer), length),
    release() {
      for (const piece of [...pieces, ...backPieces]) if ('run' in piece) piece.release();
    },
  };
}
