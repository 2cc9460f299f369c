/** How many bytes tell what a file is. */
export const START = 64;

/** Whether a file that starts so is JSON: it begins with a brace, after spaces and a byte order mark. */
export function isJson(start: Uint8Array): boolean {
  const text = new TextDecoder().decode(start.subarray(0, START)).trimStart();
  return text.startsWith('{') || text.startsWith('[');
}
