import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { wantRecord } from '../../tensor/options.ts';
import type { ModelData } from './format.ts';

/** @throws InputError where a record is not model data at all, as `importOnnx` and `parseModelData` give them. */
export function checkModelData(data: unknown, action: string): void {
  wantRecord(data, 'model data', action);
  const { inputs, outputs, nodes, tensors, source } = data as Partial<ModelData>;
  for (const [name, list] of Object.entries({ inputs, outputs, nodes })) {
    if (Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null)) continue;
    throw new InputError(`Cannot ${action}: ${name} must be a list of records, got ${describe(list)}`);
  }
  if (!(tensors instanceof Map)) {
    throw new InputError(`Cannot ${action}: tensors must be a Map by name, got ${describe(tensors)}`);
  }
  wantRecord(source, 'source', action);
}
