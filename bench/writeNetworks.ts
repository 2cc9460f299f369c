/** `writeNetworks FOLDER SEED FILE…` writes networks, each as NAME.onnx or as NAME.json with NAME.safetensors beside it. */
import { extname, join } from 'node:path';
import { saveModel } from '../src/node/saveModel.ts';
import { type NetworkName, networks } from './networks/index.ts';

const [folder, seed, ...files] = process.argv.slice(2);
const names = new Set(files.map((file) => file.slice(0, -extname(file).length) as NetworkName));
for (const name of names) {
  const data = networks[name]({ seed: Number(seed) });
  for (const extension of ['.onnx', '.json']) {
    const file = `${name}${extension}`;
    if (files.includes(file)) await saveModel(data, join(folder, file));
  }
}
