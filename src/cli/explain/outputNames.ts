import { basename, extname } from 'node:path';
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
