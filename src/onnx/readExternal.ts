/** Gives `length` bytes at `offset` of a file in the model's folder, or in a folder below it. */
export type ReadExternal = (location: string, offset: number, length: number) => Uint8Array;
