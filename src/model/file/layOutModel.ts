import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type {
  AttributeValue,
  GraphAttribute,
  GraphNode,
  ModelData,
  ModelSource,
  TensorAttribute,
  ValueInfo,
} from '../data/format.ts';
import { checkGraph } from '../graph/checkGraph.ts';
import { deferrable } from './deferredTensor.ts';
import {
  asObject,
  type Json,
  listAt,
  optionalTexts,
  readElementType,
  shapeAt,
  textAt,
  textsAt,
  wrong,
} from './fields.ts';
import { checkNesting, parseJson } from './parseJson.ts';
import { parsePreprocessing } from './parsePreprocessing.ts';
import { type OpenBeside, readStored, type Surroundings } from './parseTensor.ts';
import { readSafetensorsHeader } from './safetensors.ts';

export const FORMAT = 'jetgrad-model';
export const VERSION = 1;

const known = ['format', 'name', 'inputs', 'outputs', 'labels', 'nodes', 'tensors', 'sha256', 'source'];

/** JSON has no ±Infinity and NaN: they are strings. */
const specials: ReadonlyMap<unknown, number> = new Map([
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
]);

/** Numbers, some of them perhaps as strings; undefined for other lists. */
function readNumbers(list: readonly unknown[]): number[] | undefined {
  const numbers = list.map((each) => specials.get(each) ?? each);
  return numbers.every((each) => typeof each === 'number') ? numbers : undefined;
}

function readTensorAttribute(json: Json, where: string): TensorAttribute {
  const shape = shapeAt(json, 'shape', where);
  const values = Array.isArray(json.values) ? readNumbers(json.values) : undefined;
  if (values?.length !== sizeOf(shape)) {
    throw wrong(`${where}.values`, `a list of ${sizeOf(shape)} numbers`, json.values ?? null);
  }
  return { ...json, dtype: readElementType(json.dtype, where), shape, values };
}

function readAttribute(value: unknown, where: string): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number') return specials.get(value) ?? value;
  if (Array.isArray(value)) {
    const numbers = readNumbers(value);
    if (numbers !== undefined) return numbers;
    if (value.every((each) => typeof each === 'string')) return value;
  } else if (typeof value === 'object' && value !== null) {
    return 'nodes' in value ? readGraph(value as Json, where) : readTensorAttribute(value as Json, where);
  }
  throw wrong(where, 'a number, a text, a list of numbers or of texts, a tensor, or a graph', value);
}

/** A graph inside of a node, as deep as JSON may be. */
function readGraph(json: Json, where: string): GraphAttribute {
  return {
    inputs: textsAt(json, 'inputs', where),
    outputs: textsAt(json, 'outputs', where),
    nodes: listAt(json, 'nodes').map((node, i) => readNode(node, `${where}.nodes[${i}]`)),
  };
}

function readNode(json: Json, where: string): GraphNode {
  const attributes = asObject(json.attributes ?? {}, `${where}.attributes`);
  return {
    name: textAt(json, 'name', where),
    op: textAt(json, 'op', where),
    inputs: textsAt(json, 'inputs', where),
    outputs: textsAt(json, 'outputs', where),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        readAttribute(value, `${where}.attributes.${name}`),
      ]),
    ),
  };
}

/** An input or output; a symbolic dimension is a text. */
function readValueInfo(json: Json, where: string): ValueInfo {
  const { shape, preprocessing } = json;
  checkNesting(json, where);
  const isLength = (n: unknown) => typeof n === 'string' || (Number.isSafeInteger(n) && (n as number) >= 0);
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
  const [, version] =
    /^jetgrad-model\/(\d{1,9})$/.exec(typeof json.format === 'string' ? json.format : '') ?? [];
  if (version === undefined) throw wrong('format', `"${FORMAT}/${VERSION}"`, json.format ?? null);
  if (Number(version) > VERSION) {
    throw new InputError(
      `Cannot read the model: it has format ${FORMAT}/${version}, this jetgrad reads up to ${FORMAT}/${VERSION}; update jetgrad`,
    );
  }
}

function readSource(json: Json): ModelSource {
  checkNesting(json, 'source');
  for (const field of ['producer', 'file', 'licence']) {
    if (json[field] !== undefined) textAt(json, field, 'source');
  }
  return { ...json, opset: (json.opset ?? 17) as number };
}

function readText(text: string): Json {
  const model = parseJson(text);
  if (model === undefined) {
    throw new InputError('Cannot read the model: the file is not JSON, or it is cut short');
  }
  return asObject(model, 'the file');
}

function checkedNodes(data: ModelData): readonly GraphNode[] {
  try {
    return checkGraph(data);
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith('Cannot')) throw error;
    throw new InputError(`Cannot read the model: ${error.message}`);
  }
}

/** Reads the header of each safetensors file once. */
function headersOf(): Surroundings['headerOf'] {
  const headers = new Map<string, ReturnType<typeof readSafetensorsHeader>>();
  return (file, name) => {
    if (!/\.safetensors$/i.test(name)) return undefined;
    const header = headers.get(name) ?? readSafetensorsHeader(file, name);
    headers.set(name, header);
    return header;
  };
}

/** Model data as its JSON lays it out, with files beside it opened but perhaps not read, and the SHA-256 that its tensors must have. */
export function layOutModel(
  json: unknown,
  open?: OpenBeside,
): { data: ModelData; sha256: string | undefined } {
  const model = typeof json === 'string' ? readText(json) : asObject(json, 'the file');
  checkFormat(model);
  const labels = optionalTexts(model, 'labels', 'the model');
  const unknown = Object.fromEntries(Object.entries(model).filter(([field]) => !known.includes(field)));
  checkNesting(unknown, 'what it holds besides');
  const nodes = listAt(model, 'nodes').map((node, i) => readNode(node, `nodes[${i}]`));
  const surroundings = { open, headerOf: headersOf(), isDeferrable: deferrable(nodes) };
  const data = {
    name: textAt(model, 'name', 'the model'),
    inputs: listAt(model, 'inputs').map((each, i) => readValueInfo(each, `inputs[${i}]`)),
    outputs: listAt(model, 'outputs').map((each, i) => readValueInfo(each, `outputs[${i}]`)),
    ...(labels && { labels }),
    nodes,
    tensors: new Map(
      Object.entries(asObject(model.tensors ?? {}, 'tensors')).map(([name, each]) => [
        name,
        readStored(asObject(each, `tensors.${name}`), name, surroundings),
      ]),
    ),
    source: readSource(asObject(model.source ?? {}, 'source')),
    ...(Object.keys(unknown).length > 0 && { unknown }),
  };
  const sha256 = model.sha256 === undefined ? undefined : textAt(model, 'sha256', 'the model');
  return { data: { ...data, nodes: checkedNodes(data) }, sha256 };
}
