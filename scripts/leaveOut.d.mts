/** The module without the properties of these names that begin a line of it. */
export function leaveOut(code: string, names: readonly string[]): string;
