import { toBase64 } from '../../tensor/base64.ts';
import { checkOptions } from '../../tensor/options.ts';
import { checkModelData } from '../data/checkModelData.ts';
import type { ModelData, StoredTensor } from '../data/format.ts';
import { FORMAT, VERSION } from './layOutModel.ts';
import type { Digest } from './parseModelData.ts';
import { writeSafetensors } from './safetensors.ts';
import { sha256 } from './sha256.ts';

const INLINE_LIMIT = 8 * 1024 * 1024;

/** JSON has no ±Infinity and NaN: they are strings. */
function writeNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** A model as text and files. */
export interface SerializedModel {
  readonly json: string;
  /** Files to put beside the JSON, in pieces. */
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Where tensors go that are too large for the JSON. */
export interface SerializeOptions {
  /** Name of the safetensors file: that of the model unless given. */
  readonly file?: string | undefined;
  /** SHA-256 of bytes in pieces, as hexadecimal digits, where there is a faster one. */
  readonly digest?: Digest | undefined;
}

/**
 * A model as `jetgrad-model/1`: tensors inline up to 8 MB in all, else in a safetensors file of the given name.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * const { json, files } = serializeModel(data);
 * files.size // 0
 * JSON.parse(json).format // 'jetgrad-model/1'
 */
export function serializeModel(model: ModelData, options: SerializeOptions = {}): SerializedModel {
  const action = 'write the model';
  checkModelData(model, action);
  checkOptions(options, { file: 'text', digest: 'function' }, action);
  const { file = `${model.name}.safetensors`, digest = sha256 } = options;
  const all = [...model.tensors];
  const total = all.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
  const beside = total > INLINE_LIMIT ? writeSafetensors(model.tensors) : undefined;
  const tensors = Object.fromEntries(
    all.map(([name, { dtype, shape, bytes }]) => [
      name,
      { dtype, shape, ...(beside ? { file, ...beside.places.get(name) } : { data: toBase64(bytes) }) },
    ]),
  );
  const { name, inputs, outputs, labels, nodes, source, unknown } = model;
  const fields = {
    format: `${FORMAT}/${VERSION}`,
    ...{ name, inputs, outputs, labels, nodes, tensors },
    // In the order of the JSON, where names that are whole numbers come first.
    sha256: digest(Object.keys(tensors).map((name) => (model.tensors.get(name) as StoredTensor).bytes)),
    source,
    ...unknown,
  };
  return {
    json: `${JSON.stringify(fields, writeNumbers)}\n`,
    files: new Map(beside ? [[file, beside.chunks]] : []),
  };
}
