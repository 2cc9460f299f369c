import { readInputFile } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import { decodeNpy } from '../../tensor/npy.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';

/** The array in an .npy file. @throws InputError naming the file. */
export function readNpy(path: string): Tensor {
  return decodeNpy(readInputFile(path), path);
}

/** The same, all of it finite. @throws InputError naming the first entry that is not. */
export function readFiniteNpy(path: string): Tensor {
  const x = readNpy(path);
  const { data } = contiguous(x);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new InputError(`Cannot use ${path}: entry ${i} is ${data[i]}; finite numbers are wanted`);
    }
  }
  return x;
}
