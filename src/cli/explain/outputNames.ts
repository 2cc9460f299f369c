import { createHash } from 'node:crypto';
import { basename, extname, join } from 'node:path';
import { type MethodName, methods as rows } from '../../cam/methods.ts';
import { InputError } from '../../tensor/errors.ts';

export const formats = ['png', 'npy', 'json'] as const;
export type Format = (typeof formats)[number];

/** The name that a picture's outputs begin with: its file name without the extension. */
export function imageName(path: string): string {
  const name = basename(path);
  return name.slice(0, name.length - extname(name).length);
}

/** Names of the pictures, which must differ. @throws InputError naming two that do not. */
export function imageNames(paths: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const name = imageName(path);
    const other = seen.get(name);
    if (other !== undefined) {
      throw new InputError(
        `Cannot explain both ${other} and ${path}: their outputs would have one name, ${name}; run them one by one`,
      );
    }
    seen.set(name, path);
  }
  return [...seen.keys()];
}

/** `<image>`, or `<image>.c242` where several classes are explained. */
export function explanationName(image: string, classIndex: number, several: boolean): string {
  return several ? `${image}.c${classIndex}` : image;
}

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

/** OUT.safetensors beside OUT.json. */
export function safetensorsPath(jsonPath: string): string {
  return join(jsonPath, '..', `${basename(jsonPath, extname(jsonPath))}.safetensors`);
}

const arrayNames = ['map', 'weights', 'a', 'd1', 'd2', 'd3'];

/** Every file of one explanation, without the folder. */
export function explanationFiles(
  name: string,
  methods: readonly MethodName[],
  wanted: readonly Format[],
): string[] {
  const pictures = [...methods.map((method) => `${name}.${method}.png`), `${name}.panel.png`];
  return wanted.flatMap((format) => {
    if (format === 'png') return pictures;
    return methods.flatMap((method) =>
      (rows[method].of === 'input' ? ['map'] : arrayNames).map(
        (array) => `${name}.${method}.${array}.${format}`,
      ),
    );
  });
}
