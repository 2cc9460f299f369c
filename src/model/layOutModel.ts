import { InputError } from '../tensor/errors.ts';
import { deferrable } from './deferredTensor.ts';
import { asObject, type Json, listAt, readElementType, textAt, textsAt, wrong } from './fields.ts';
import type { Attributes, AttributeValue, GraphNode, ModelData, ValueInfo } from './format.ts';
import { parsePreprocessing } from './parsePreprocessing.ts';
import { type OpenBeside, readStored } from './parseTensor.ts';

export const FORMAT = 'jetgrad-model';
export const VERSION = 1;

const known = ['format', 'name', 'inputs', 'outputs', 'labels', 'nodes', 'tensors', 'sha256', 'source'];

/** JSON has no ±Infinity and NaN: they are strings. */
const specials: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

function readAttribute(value: unknown): AttributeValue {
  if (typeof value === 'string' && Object.hasOwn(specials, value)) return specials[value];
  if (Array.isArray(value)) {
    const numeric = value.some((each) => typeof each === 'number');
    const allSpecial = value.length > 0 && value.every((each) => Object.hasOwn(specials, String(each)));
    return numeric || allSpecial ? value.map((each) => specials[String(each)] ?? each) : (value as string[]);
  }
  if (typeof value === 'object' && value !== null && 'values' in value) {
    const { values } = value as { values: unknown[] };
    return {
      ...value,
      values: values.map((each) => specials[String(each)] ?? each),
    } as unknown as AttributeValue;
  }
  return value as AttributeValue;
}

function readNode(json: Json, index: number): GraphNode {
  const where = `nodes[${index}]`;
  const attributes = (json.attributes ?? {}) as Json;
  if (typeof attributes !== 'object') throw wrong(`${where}.attributes`, 'an object', attributes);
  return {
    name: textAt(json, 'name', where),
    op: textAt(json, 'op', where),
    inputs: textsAt(json, 'inputs', where),
    outputs: textsAt(json, 'outputs', where),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, readAttribute(value)]),
    ) as Attributes,
  };
}

/** An input or output; a symbolic dimension is a text. */
function readValueInfo(json: Json, where: string): ValueInfo {
  const { shape, preprocessing } = json;
  const isLength = (n: unknown) => typeof n === 'string' || (Number.isInteger(n) && (n as number) >= 0);
  if (shape !== undefined && !(Array.isArray(shape) && shape.every(isLength))) {
    throw wrong(`${where}.shape`, 'a list of whole numbers and names', shape);
  }
  return {
    ...json,
    name: textAt(json, 'name', where),
    dtype: readElementType(json.dtype ?? 'float32', where),
    ...(preprocessing !== undefined && {
      preprocessing: parsePreprocessing(preprocessing, `the model, ${where}`),
    }),
  };
}

function checkFormat(json: Json): void {
  const [, version] = /^jetgrad-model\/(\d+)$/.exec(String(json.format)) ?? [];
  if (version === undefined) throw wrong('format', `"${FORMAT}/${VERSION}"`, json.format ?? null);
  if (Number(version) > VERSION) {
    throw new InputError(
      `Cannot read the model: it has format ${FORMAT}/${version}, this jetgrad reads up to ${FORMAT}/${VERSION}; update jetgrad`,
    );
  }
}

function parseJson(json: unknown): Json {
  let parsed = json;
  if (typeof json === 'string') {
    try {
      parsed = JSON.parse(json);
    } catch {
      throw new InputError('Cannot read the model: the file is not JSON, or it is cut short');
    }
  }
  if (typeof parsed !== 'object' || parsed === null) throw wrong('the file', 'a JSON object');
  return parsed as Json;
}

/** Model data as its JSON lays it out, with files beside it opened but perhaps not read, and the SHA-256 that its tensors must have. */
export function layOutModel(
  json: unknown,
  open?: OpenBeside,
): { data: ModelData; sha256: string | undefined } {
  const model = parseJson(json);
  checkFormat(model);
  const source = (model.source ?? {}) as ModelData['source'];
  const unknown = Object.fromEntries(Object.entries(model).filter(([field]) => !known.includes(field)));
  const nodes = listAt(model, 'nodes').map(readNode);
  const surroundings = { open, isDeferrable: deferrable(nodes) };
  const data = {
    name: textAt(model, 'name', 'the model'),
    inputs: listAt(model, 'inputs').map((each, i) => readValueInfo(each, `inputs[${i}]`)),
    outputs: listAt(model, 'outputs').map((each, i) => readValueInfo(each, `outputs[${i}]`)),
    ...(Array.isArray(model.labels) && { labels: model.labels as string[] }),
    nodes,
    tensors: new Map(
      Object.entries(asObject(model.tensors ?? {}, 'tensors')).map(([name, each]) => [
        name,
        readStored(asObject(each, `tensors.${name}`), name, surroundings),
      ]),
    ),
    source: { ...source, opset: source.opset ?? 17 },
    ...(Object.keys(unknown).length > 0 && { unknown }),
  };
  return { data, sha256: typeof model.sha256 === 'string' ? model.sha256 : undefined };
}
