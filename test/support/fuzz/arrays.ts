import { preprocess } from '../../../src/image/preprocess.ts';
import { parsePreprocessing } from '../../../src/model/file/parsePreprocessing.ts';
import { parseSmallJson } from '../../../src/node/readInputFile.ts';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { mutateBytes, mutateText } from './mutate.ts';
import { jsonOf, mutateTree, type Tree } from './mutateTree.ts';
import { chance } from './odd.ts';
import type { FuzzReader } from './reader.ts';

/** An .npy file of any header. */
function npy(header: string, values: Uint8Array, version = 1): Uint8Array {
  const text = Buffer.from(header, 'latin1');
  const head = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length & 0xffff);
  else length.writeUInt32LE(text.length);
  return new Uint8Array(Buffer.concat([head, length, text, values]));
}

function npySeeds(): Uint8Array[] {
  const kinds = [
    ['<f4', '(1, 3, 4, 5)', 240],
    ['>f8', '(2, 3)', 48],
    ['|u1', '(7,)', 7],
    ['<i8', '()', 8],
    ['|b1', '(0, 3)', 0],
    ['<u2', '(2,2)', 8],
    ['|O', '(1,)', 8],
    ['<c8', '(2L,)', 16],
  ] as const;
  return kinds.flatMap(([descr, shape, bytes]) =>
    [1, 2, 3].flatMap((version) =>
      ['False', 'True'].map((order) => {
        const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
        return npy(header, new Uint8Array(bytes).fill(7), version);
      }),
    ),
  );
}

/** The header's text changed, its length right. */
function mutateNpyHeader(random: Random, seed: Uint8Array): Uint8Array {
  const bytes = Buffer.from(seed);
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const header = mutateText(random, bytes.subarray(start, end).toString('latin1'));
  return npy(header, bytes.subarray(end), version);
}

const preprocessings: readonly Tree[] = [
  {},
  {
    channels: 'BGR',
    scale: 1,
    mean: [103.9, 116.8, 123.7],
    std: [1, 1, 1],
    resize: { shorterSide: 12 },
    crop: [8, 8],
    filter: 'nearest',
  },
  { channels: 'gray', scale: 0.00392, mean: [0.5], std: [0.5], resize: { width: 9, height: 8 }, crop: 8 },
  { channels: 'RGB', resize: { shorterSide: 65536 }, crop: [8, 8], filter: 'bilinear' },
  { resize: { width: 8, height: 8 }, std: [0.2, 0.2, 0.2] },
];
const pictures = [
  [8, 8],
  [5, 4],
  [1, 3000],
  [3000, 1],
].map(([width, height]) => ({ width, height, data: new Uint8Array(4 * width * height).fill(99) }));

function usePreprocessing(bytes: Uint8Array): void {
  const preprocessing = parsePreprocessing(parseSmallJson(bytes, 'a file'), 'a file');
  const channels = preprocessing.channels === 'gray' ? 1 : 3;
  const [height, width] = preprocessing.crop ?? [8, 8];
  // The network's size is no matter of this file: a large crop meets a small network.
  const network = height * width > 1e5 ? { channels, height: 8, width: 8 } : { channels, height, width };
  for (const picture of pictures) {
    const { input } = preprocess(picture, preprocessing, network);
    if (!input.data.every(Number.isFinite)) throw new Error(`not finite: ${JSON.stringify(preprocessing)}`);
  }
}

/** Arrays, and what is done to pictures before they are one. */
export const arrayReaders: readonly FuzzReader[] = [
  {
    name: 'npy',
    seeds: npySeeds,
    mutate: (random, seed) =>
      chance(random, 0.5) ? mutateNpyHeader(random, seed) : mutateBytes(random, seed),
    read: (bytes) => decodeNpy(bytes, 'a file'),
  },
  {
    name: 'preprocessing',
    seeds: () => preprocessings.map((each) => new TextEncoder().encode(jsonOf(each))),
    mutate(random, seed) {
      const text = new TextDecoder().decode(seed);
      const tree = () => jsonOf(mutateTree(random, JSON.parse(text)));
      return new TextEncoder().encode(chance(random, 0.7) ? tree() : mutateText(random, text));
    },
    read: usePreprocessing,
  },
];
