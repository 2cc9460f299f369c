import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Preprocessing } from '../../src/model/data/format.ts';
import type { Model } from '../../src/model/model.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { data } from '../../test/support/check.ts';

/** A network that is measured: its file, and how pictures are prepared for it where the file does not say. */
export interface Network {
  readonly name: string;
  readonly path: string;
  readonly preprocessing?: Preprocessing;
}

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const rgb = { channels: 'RGB', scale: 1 / 255 } as const;
const own = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Trained classifiers among the shared models. */
export const classifiers: readonly Network[] = [
  {
    name: 'squeezenet1.1',
    path: data('models/squeezenet1.1.onnx'),
    preprocessing: { ...rgb, ...imagenet, resize: { shorterSide: 256 }, crop: [224, 224] },
  },
  {
    name: 'mobilenet-v1-0.25-128',
    path: data('models/mobilenet-v1-0.25-128.onnx'),
    preprocessing: {
      channels: 'RGB',
      scale: 1,
      mean: [128, 128, 128],
      std: [128, 128, 128],
      resize: { shorterSide: 146 },
      crop: [128, 128],
    },
  },
  {
    name: 'resnet20-cifar10',
    path: data('models/resnet20-cifar10.onnx'),
    preprocessing: { ...rgb, ...imagenet, resize: { shorterSide: 32 }, crop: [32, 32] },
  },
  {
    name: 'tiny-vgg',
    path: data('models/tiny-vgg.onnx'),
    preprocessing: { ...rgb, mean: [0, 0, 0], std: [1, 1, 1], resize: { shorterSide: 64 }, crop: [64, 64] },
  },
];

export const bundled: Network = { name: 'scenes-vgg (bundled)', path: own('weights/scenes-vgg.json') };
export const bundledPicture = own('weights/sample.png');

/** Those of which the file is there; the others are named. */
export function present<T extends { readonly path: string }>(
  all: readonly T[],
  skip: (path: string) => void,
): T[] {
  return all.filter(({ path }) => {
    const isThere = existsSync(path);
    if (!isThere) skip(path);
    return isThere;
  });
}

export const open = ({ path, preprocessing }: Network): Promise<Model> => loadModel(path, { preprocessing });
