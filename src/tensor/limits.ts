import { InputError } from './errors.ts';

/** A bound on what a file may ask for. docs/limits.md lists every row, and a test holds the two together. */
export interface Limit {
  /** The largest number that is taken. */
  readonly value: number;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** What is bounded. */
  readonly of: string;
  /** Option of the commands that raises the bound. */
  readonly option?: string;
}

/** Every bound on what a file may ask for, before memory is taken or a loop begins. */
export const limits = {
  pixels: { value: 50e6, unit: 'pixels', of: 'a picture', option: '--max-pixels' },
  side: { value: 2 ** 16, unit: 'pixels', of: 'a side of a picture' },
  scans: { value: 100, unit: 'scans', of: 'a JPEG' },
  smallJson: { value: 2 ** 20, unit: 'bytes', of: 'a preprocessing file' },
  npyHeader: { value: 2 ** 16, unit: 'bytes', of: 'the header of an .npy file' },
  npyAxes: { value: 64, unit: 'axes', of: 'an array of an .npy file' },
  entries: { value: 2 ** 28, unit: 'entries', of: 'a result of a node of a network', option: '--max-memory' },
  folding: {
    value: 2 ** 27,
    unit: 'entries',
    of: 'what nodes make of constants alone, beyond sixteen times the constants of the file,',
    option: '--max-memory',
  },
  tables: {
    value: 2 ** 27,
    unit: 'entries',
    of: 'the tables by which the shapes of a network are found',
    option: '--max-memory',
  },
  inlined: { value: 2 ** 18, unit: 'nodes', of: 'what a network makes of its own functions' },
  window: { value: 2 ** 31 - 1, unit: 'cells', of: 'a side of a window, or of what it slides over,' },
  graphs: { value: 32, unit: 'levels', of: 'graphs inside of the nodes of a network' },
  unrolled: { value: 2 ** 13, unit: 'steps', of: 'a loop that is written out, with the loops in it,' },
  opset: { value: 255, unit: 'versions', of: 'the operator set of a network' },
  modelFile: { value: 2 ** 31 - 1, unit: 'bytes', of: 'a file of a network' },
  json: { value: 2 ** 27, unit: 'bytes', of: 'the JSON of a network' },
  nesting: { value: 1000, unit: 'levels', of: 'JSON' },
  setFile: { value: 2 ** 31 - 1, unit: 'bytes', of: 'a file of a queued set' },
  setList: { value: 2 ** 28, unit: 'bytes', of: 'a queued set, or a part of its list of pictures,' },
  storedResult: { value: 2 ** 26, unit: 'bytes', of: 'a result that a store is sent' },
  header: { value: 1e8, unit: 'bytes', of: 'the header of a safetensors file' },
} as const satisfies Readonly<Record<string, Limit>>;

/** Why a number is beyond its bound, for the middle of an error: what was asked for, the bound, and the option that raises it. */
export function beyond(limit: Limit, got: number | string): string {
  const raise = limit.option === undefined ? '' : `; ${limit.option} raises the bound`;
  return `it asks for ${got} ${limit.unit}, and ${limit.of} may have ${limit.value}${raise}`;
}

/** Bytes of the largest result that is taken, in float64. */
const USUAL_MEMORY = limits.entries.value * 8;

/** Bounds on what a network may make. */
export interface MemoryBounds {
  readonly entries: Limit;
  readonly folding: Limit;
  readonly tables: Limit;
}

/**
 * The bounds for results of at most so many bytes each, 2 GiB unless given; the others are raised and lowered with them.
 * @throws InputError for anything but a number above 0.
 */
export function memoryBounds(maxMemory: number = USUAL_MEMORY): MemoryBounds {
  if (typeof maxMemory !== 'number' || !(maxMemory > 0)) {
    throw new InputError(
      `Cannot bound the memory: maxMemory must be a number of bytes above 0, got ${maxMemory}`,
    );
  }
  const scaled = (limit: Limit) => ({
    ...limit,
    value: Math.floor((limit.value * maxMemory) / USUAL_MEMORY),
  });
  return {
    entries: scaled(limits.entries),
    folding: scaled(limits.folding),
    tables: scaled(limits.tables),
  };
}
