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
  entries: { value: 2 ** 28, unit: 'entries', of: 'a result of a node of a network' },
} as const satisfies Readonly<Record<string, Limit>>;

/** Why a number is beyond its bound, for the middle of an error: what was asked for, the bound, and the option that raises it. */
export function beyond(limit: Limit, got: number | string): string {
  const raise = limit.option === undefined ? '' : `; ${limit.option} raises the bound`;
  return `it asks for ${got} ${limit.unit}, and ${limit.of} may have ${limit.value}${raise}`;
}
