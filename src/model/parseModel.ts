import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { fromBase64 } from './base64.ts';
import { elementSize } from './decode.ts';
import type {
  Attributes,
  AttributeValue,
  ElementType,
  GraphNode,
  ModelData,
  StoredTensor,
  ValueInfo,
} from './format.ts';
import { sha256 } from './sha256.ts';

export const FORMAT = 'jetgrad-model';
export const VERSION = 1;

const known = ['format', 'name', 'inputs', 'outputs', 'labels', 'nodes', 'tensors', 'sha256', 'source'];

/** Bytes of a file beside the JSON. */
export type ReadBeside = (name: string) => Uint8Array;
export type Digest = (chunks: Iterable<Uint8Array>) => string;

type Json = Readonly<Record<string, unknown>>;

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

function wrong(field: string, wanted: string, got?: unknown): InputError {
  const what = got === undefined ? '' : `, got ${JSON.stringify(got)?.slice(0, 60)}`;
  return new InputError(`Cannot read the model: ${field} must be ${wanted}${what}`);
}

function listAt(json: Json, field: string): readonly Json[] {
  const value = json[field];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'object' || each === null)) {
    throw wrong(field, 'a list of objects', value ?? null);
  }
  return value;
}

function textAt(json: Json, field: string, where: string): string {
  const value = json[field];
  if (typeof value !== 'string') throw wrong(`${where}.${field}`, 'a text', value ?? null);
  return value;
}

function textsAt(json: Json, field: string, where: string): readonly string[] {
  const value = json[field];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
    throw wrong(`${where}.${field}`, 'a list of texts', value ?? null);
  }
  return value;
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

function readShape(value: unknown, where: string): readonly number[] {
  if (Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0)) return value;
  throw wrong(`${where}.shape`, 'a list of whole numbers', value ?? null);
}

/** One tensor's bytes: inline, or a range of a file beside the JSON. */
function readStored(
  json: Json,
  where: string,
  readFile: ReadBeside | undefined,
  opened: Map<string, Uint8Array>,
): StoredTensor {
  const dtype = json.dtype as ElementType;
  if (!Object.hasOwn(elementSize, String(dtype)))
    throw wrong(`${where}.dtype`, 'an element type', json.dtype ?? null);
  const shape = readShape(json.shape, where);
  const wanted = sizeOf(shape) * elementSize[dtype];
  const bytes =
    typeof json.data === 'string'
      ? inlineBytes(json.data, where)
      : besideBytes(json, where, readFile, opened);
  if (bytes.length !== wanted) {
    throw new InputError(
      `Cannot read the model: ${where}: ${bytes.length} bytes of data, the shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  return { dtype, shape, bytes };
}

function inlineBytes(data: string, where: string): Uint8Array {
  try {
    return fromBase64(data);
  } catch (error) {
    throw new InputError(`Cannot read the model: ${where}.data: ${(error as Error).message}`);
  }
}

function besideBytes(
  json: Json,
  where: string,
  readFile: ReadBeside | undefined,
  opened: Map<string, Uint8Array>,
): Uint8Array {
  const { file, offset, length } = json;
  if (typeof file !== 'string') throw wrong(where, 'given inline as data, or by file, offset and length');
  if (/[/\\]/.test(file) || file === '..' || file === '.' || file === '')
    throw wrong(`${where}.file`, 'a file name without a path', file);
  if (readFile === undefined)
    throw new InputError(`Cannot read the model: ${where} lies in ${file}, which is not given`);
  const bytes = opened.get(file) ?? readFile(file);
  opened.set(file, bytes);
  const [from, count] = [Number(offset), Number(length)];
  if (
    !Number.isInteger(from) ||
    !Number.isInteger(count) ||
    from < 0 ||
    count < 0 ||
    from + count > bytes.length
  ) {
    throw new InputError(
      `Cannot read the model: ${where}: bytes ${offset} to ${from + count} are wanted, ${file} has ${bytes.length}`,
    );
  }
  return bytes.subarray(from, from + count);
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

/**
 * Model data of a `jetgrad-model/1` file: the JSON as text or already parsed, and the files beside it by name. Everything is
 * checked before anything is computed: fields, sizes against shapes, offsets against files, the SHA-256 of the bytes.
 * @throws InputError naming the field.
 */
export function parseModelData(
  json: unknown,
  { readFile, digest = sha256 }: { readFile?: ReadBeside | undefined; digest?: Digest | undefined } = {},
): ModelData {
  let parsed = json;
  if (typeof json === 'string') {
    try {
      parsed = JSON.parse(json);
    } catch {
      throw new InputError('Cannot read the model: the file is not JSON, or it is cut short');
    }
  }
  if (typeof parsed !== 'object' || parsed === null) throw wrong('the file', 'a JSON object');
  const model = parsed as Json;
  checkFormat(model);
  const opened = new Map<string, Uint8Array>();
  const stored = (model.tensors ?? {}) as Readonly<Record<string, Json>>;
  const tensors = new Map(
    Object.entries(stored).map(([name, each]) => [
      name,
      readStored(each, `tensors.${name}`, readFile, opened),
    ]),
  );
  if (
    typeof model.sha256 === 'string' &&
    digest([...tensors.values()].map(({ bytes }) => bytes)) !== model.sha256
  ) {
    throw new InputError(
      'Cannot read the model: the tensors do not have the SHA-256 that the file gives; it was changed or damaged',
    );
  }
  const source = (model.source ?? {}) as ModelData['source'];
  const unknown = Object.fromEntries(Object.entries(model).filter(([field]) => !known.includes(field)));
  return {
    name: textAt(model, 'name', 'the model'),
    inputs: listAt(model, 'inputs') as unknown as readonly ValueInfo[],
    outputs: listAt(model, 'outputs') as unknown as readonly ValueInfo[],
    ...(Array.isArray(model.labels) && { labels: model.labels as string[] }),
    nodes: listAt(model, 'nodes').map(readNode),
    tensors,
    source: { ...source, opset: source.opset ?? 17 },
    ...(Object.keys(unknown).length > 0 && { unknown }),
  };
}
