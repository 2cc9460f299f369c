import { basename, dirname } from 'node:path';
import { decodeNpy, encodeNpy } from '../tensor/npy.ts';
import { type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { readInputFile } from './readInputFile.ts';
import { staged } from './stage.ts';
import { wantPath } from './wantPath.ts';

/**
 * Writes a tensor as an .npy file, which appears whole or not at all; see `encodeNpy`. Folders are made.
 * @example
 * await saveNpy('jetgrad-out/x.npy', [[1, 2], [3, 4]]);
 * await loadNpy('jetgrad-out/x.npy') // [[1, 2], [3, 4]]
 */
export async function saveNpy(path: string, x: TensorLike): Promise<void> {
  const file = wantPath(path, 'save the tensor');
  const bytes = encodeNpy(toTensor(x, 'save the tensor'));
  await staged(dirname(file), async (stage) => stage.write(basename(file), bytes));
}

/**
 * The array of an .npy file; see `decodeNpy`.
 * @throws InputError naming a file that cannot be used.
 * @example
 * await saveNpy('jetgrad-out/y.npy', tensor([0.1], [1], 'float32'));
 * (await loadNpy('jetgrad-out/y.npy')).dtype // 'float32'
 */
export async function loadNpy(path: string): Promise<Tensor> {
  return decodeNpy(readInputFile(wantPath(path, 'load a tensor')), path);
}
