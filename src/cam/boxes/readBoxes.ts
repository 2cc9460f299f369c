import { expOf } from '../../tensor/elementary/exponential.ts';
import { contiguous, fromData } from '../../tensor/tensor.ts';
import type { Outputs } from '../question.ts';
import { probabilities } from '../score.ts';
import type { BoxLayout, BoxLayoutName, EntryOf } from './layouts.ts';

/** Outputs as numbers, and their entries as probabilities. */
export interface BoxReader {
  read(entry: EntryOf): number;
  /** What the network leaves out behind its outputs, where those are logits. */
  readonly raw: 'softmax' | 'sigmoid' | undefined;
  classesOf(box: number): Float64Array;
  /** Whether there is anything in a box; 1 where the layout does not say that apart. */
  objectOf(box: number): number;
}

/** Reads what a network gave, in a layout. */
export function readerOf(
  outputs: Outputs,
  { layout, name }: { readonly layout: BoxLayout; readonly name: BoxLayoutName },
): BoxReader {
  const data = new Map(Object.entries(outputs).map(([key, value]) => [key, contiguous(value).data]));
  const read = ({ output, at }: EntryOf) => data.get(output)?.[at] ?? Number.NaN;
  const isShare = (entry: EntryOf) => read(entry) >= 0 && read(entry) <= 1;
  // Logits are seldom all between 0 and 1.
  const are = Array.from({ length: layout.boxes }, (_, box) => isShare(layout.classOf(box, 0)));
  const ending = name === 'detr' ? ('softmax' as const) : ('sigmoid' as const);
  const raw = name === 'detr' || are.includes(false) ? ending : undefined;
  return {
    read,
    raw,
    classesOf(box) {
      const row = Float64Array.from({ length: layout.classes }, (_, c) => read(layout.classOf(box, c)));
      return raw === undefined ? row : probabilities(fromData(row, [row.length]), raw);
    },
    objectOf(box) {
      const entry = layout.objectOf?.(box);
      if (entry === undefined) return 1;
      return raw === undefined || isShare(entry) ? read(entry) : 1 / (1 + expOf(-read(entry)));
    },
  };
}
