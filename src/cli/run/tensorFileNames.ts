import { createHash } from 'node:crypto';

/** Letters of a tensor's name in its file's name, of the 255 that file systems take. */
const LONGEST = 200;

/** A long name's beginning, and what tells it from others that begin alike. */
function shortened(plain: string, tensor: string): string {
  if (plain.length <= LONGEST) return plain;
  return `${plain.slice(0, LONGEST)}_${createHash('sha256').update(tensor).digest('hex').slice(0, 12)}`;
}

/**
 * File names for tensors: characters outside [A-Za-z0-9._-] become `_`, long names end in a hash, names that would meet get a number.
 */
export function tensorFileNames(tensors: readonly string[]): Map<string, string> {
  const used = new Set<string>();
  // Where the search for a free number goes on, so that thousands of names that meet are told apart in one pass.
  const numbers = new Map<string, number>();
  const names = new Map<string, string>();
  for (const tensor of tensors) {
    const plain = shortened(tensor.replace(/[^A-Za-z0-9._-]/g, '_'), tensor);
    const key = plain.toLowerCase();
    let name = plain;
    let n = numbers.get(key) ?? 2;
    for (; used.has(name.toLowerCase()); n++) name = `${plain}_${n}`;
    numbers.set(key, n);
    used.add(name.toLowerCase());
    names.set(tensor, `${name}.npy`);
  }
  return names;
}
