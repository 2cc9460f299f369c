import type { ElementType } from '../model/format.ts';

/** ONNX's number of each element type that jetgrad holds. */
export const typeNumbers: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

const names = new Map(Object.entries(typeNumbers).map(([name, number]) => [number, name as ElementType]));

export function elementTypeOf(number: number): ElementType | undefined {
  return names.get(number);
}
