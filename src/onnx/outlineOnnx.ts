import { isLarge } from '../model/data/tensorMemory.ts';
import { InputError } from '../tensor/errors.ts';

/** A file that can be read anywhere. */
export interface ReadableFile {
  readonly size: number;
  /** The bytes of a range within the file. */
  read(offset: number, length: number): Uint8Array;
}

export interface Range {
  readonly offset: number;
  readonly length: number;
}

export interface OnnxOutline {
  /** The model without the bytes of its large tensors. */
  readonly bytes: Uint8Array;
  /** Where in the file those are, by the place of the tensor among the graph's. */
  readonly large: ReadonlyMap<number, Range>;
}

/** A field of a message: where it begins, where its value does, and where both end. */
interface Field {
  readonly number: number;
  readonly isMessage: boolean;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

const WINDOW = 1024; // bytes: fields that stand between the tensors' bytes
const LONGEST_VARINT = 10;

// Field numbers of the messages that are looked into.
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;

const unfollowable = () => new InputError('its fields do not fit into one another');

/** Reads single bytes, a window at a time. */
function createByteReader(file: ReadableFile): (at: number) => number {
  let window: Uint8Array = new Uint8Array(0);
  let from = 0;
  return (at) => {
    if (at < from || at >= from + window.length) {
      if (at >= file.size) throw unfollowable();
      window = file.read(at, Math.min(WINDOW, file.size - at));
      from = at;
    }
    return window[at - from];
  };
}

function createFieldReader(file: ReadableFile) {
  const byteAt = createByteReader(file);

  /** Numbers above 2^53 lose digits; none of them is a length. */
  function varint(start: number): { value: number; end: number } {
    let value = 0;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = byteAt(start + i);
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return { value, end: start + i + 1 };
    }
    throw unfollowable();
  }

  return function* fieldsOf(start: number, end: number): Generator<Field> {
    for (let at = start; at < end; ) {
      const tag = varint(at);
      const wire = tag.value % 8;
      // There is no field 0: a file of zeros is none.
      if (tag.value < 8) throw unfollowable();
      let value = tag.end;
      let next: number;
      if (wire === 0) next = varint(value).end;
      else if (wire === 1) next = value + 8;
      else if (wire === 5) next = value + 4;
      else if (wire === 2) {
        const length = varint(value);
        value = length.end;
        next = value + length.value;
      } else throw unfollowable();
      if (next > end) throw unfollowable();
      yield { number: Math.floor(tag.value / 8), isMessage: wire === 2, start: at, value, end: next };
      at = next;
    }
  };
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}

type Pieces = readonly Uint8Array[];

const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, { length }) => sum + length, 0);

const messageOf = (number: number, content: Pieces): Pieces => [
  varintBytes(number * 8 + 2),
  varintBytes(lengthOf(content)),
  ...content,
];

/**
 * An ONNX file without the bytes of its large tensors, and where those are: of a file of hundreds of megabytes, some kilobytes are read.
 * @throws InputError where the file is not a whole protocol buffer message, or one with groups, which ONNX does not use.
 */
export function outlineOnnx(file: ReadableFile): OnnxOutline {
  const fieldsOf = createFieldReader(file);
  const large = new Map<number, Range>();
  let tensors = 0;

  /** The message between two offsets, with what `replace` puts in the place of some fields. */
  function rewrite(start: number, end: number, replace: (field: Field) => Pieces | undefined): Pieces {
    const pieces: Uint8Array[] = [];
    let kept = start;
    for (const field of fieldsOf(start, end)) {
      const replacement = field.isMessage ? replace(field) : undefined;
      if (replacement === undefined) continue;
      pieces.push(file.read(kept, field.start - kept));
      for (const piece of replacement) pieces.push(piece);
      kept = field.end;
    }
    pieces.push(file.read(kept, end - kept));
    return pieces;
  }

  function tensorOf({ value, end }: Field): Pieces {
    const index = tensors++;
    return rewrite(value, end, (field) => {
      if (field.number !== RAW_DATA) return undefined;
      const range = { offset: field.value, length: field.end - field.value };
      // Of a field that stands twice, the last counts.
      large.delete(index);
      if (!isLarge(range.length)) return undefined;
      large.set(index, range);
      return [];
    });
  }

  const graphOf = ({ value, end }: Field) =>
    rewrite(value, end, (field) =>
      field.number === INITIALIZER ? messageOf(INITIALIZER, tensorOf(field)) : undefined,
    );
  const pieces = rewrite(0, file.size, (field) =>
    field.number === GRAPH ? messageOf(GRAPH, graphOf(field)) : undefined,
  );
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, large };
}
