import { existsSync, readFileSync } from 'node:fs';
import type { ContenderKind } from './contenders/contender.ts';

/** The package that each contender from outside stands on. */
export const peerPackages: Readonly<Partial<Record<ContenderKind, string>>> = {
  'onnxruntime-node': 'onnxruntime-node',
  'onnxruntime-web': 'onnxruntime-web',
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
  'tfjs-cpu': '@tensorflow/tfjs-backend-cpu',
  'jax-js': '@jax-js/jax',
  'jax-js-jit': '@jax-js/jax',
};

/** Folder of a package installed under bench/. */
export const peerFolder = (name: string): URL => new URL(`node_modules/${name}/`, import.meta.url);

/** Its version; undefined where it is not installed. */
export function peerVersion(name: string): string | undefined {
  const file = new URL('package.json', peerFolder(name));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

/** A package installed under bench/, as the part of its interface that we use; its types are not installed everywhere. */
export async function importPeer<T>(name: string): Promise<T> {
  const specifier: string = name;
  const module = await import(specifier);
  return module.default ?? module;
}
