import { create } from '@bufbuild/protobuf';
import type { ModelData } from '../model/data/format.ts';
import { parseJson } from '../model/file/parseJson.ts';
import { parsePreprocessing } from '../model/file/parsePreprocessing.ts';
import { InputError } from '../tensor/errors.ts';
import { type StringStringEntryProto, StringStringEntryProtoSchema } from './generated/onnx_pb.ts';

/** What ONNX has no field for, and stands in a file's `metadata_props` as JSON. */
export type Metadata = Pick<ModelData, 'labels'> &
  Pick<ModelData['inputs'][number], 'preprocessing'> &
  Pick<ModelData['source'], 'licence'>;

const keys = {
  labels: 'jetgrad.labels',
  preprocessing: 'jetgrad.preprocessing',
  licence: 'jetgrad.licence',
} as const;

/** Entries of `metadata_props` for what a model says of its classes, its pictures and its licence. */
export function writeMetadata({ labels, inputs, source }: ModelData): StringStringEntryProto[] {
  const said: { readonly [name in keyof Metadata]: Metadata[name] | undefined } = {
    labels,
    preprocessing: inputs[0]?.preprocessing,
    licence: source.licence,
  };
  return (Object.keys(keys) as (keyof typeof keys)[]).flatMap((name) =>
    said[name] === undefined
      ? []
      : create(StringStringEntryProtoSchema, { key: keys[name], value: JSON.stringify(said[name]) }),
  );
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** What such entries say; others are left alone. @throws InputError for one of ours that cannot be used. */
export function readMetadata(entries: readonly StringStringEntryProto[], where: string): Metadata {
  const texts = new Map(entries.map(({ key, value }) => [key, value]));
  const said = (name: keyof typeof keys) => {
    const text = texts.get(keys[name]);
    return text === undefined ? undefined : parseJson(text);
  };
  const wrong = (name: keyof typeof keys, wanted: string) =>
    new InputError(`its metadata ${keys[name]} must be ${wanted}, as JSON`);
  const has = (name: keyof typeof keys) => texts.has(keys[name]);
  const [labels, licence] = [said('labels'), said('licence')];
  if (has('labels') && !isTexts(labels)) throw wrong('labels', 'a list of texts');
  if (has('licence') && typeof licence !== 'string') throw wrong('licence', 'a text');
  return {
    ...(isTexts(labels) && { labels }),
    ...(has('preprocessing') && { preprocessing: parsePreprocessing(said('preprocessing'), where) }),
    ...(typeof licence === 'string' && { licence }),
  };
}
