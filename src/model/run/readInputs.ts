import { isFloat } from '../../layers/types.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { formatShape } from '../../tensor/shape.ts';
import {
  castTo,
  type DType,
  isNdarray,
  type Tensor,
  type TensorLike,
  toTensor,
} from '../../tensor/tensor.ts';
import type { ValueInfo } from '../data/format.ts';
import type { Value } from './program.ts';

function isRecord(
  inputs: TensorLike | Readonly<Record<string, TensorLike>>,
): inputs is Record<string, TensorLike> {
  const isValues = Array.isArray(inputs) || ArrayBuffer.isView(inputs) || isNdarray(inputs);
  return typeof inputs === 'object' && inputs !== null && !isValues;
}

function checkInput(x: Tensor, input: ValueInfo): void {
  const wanted = input.shape;
  if (wanted === undefined) return;
  const fits =
    wanted.length === x.shape.length &&
    wanted.every((length, axis) => typeof length === 'string' || axis === 0 || length === x.shape[axis]);
  if (!fits) {
    throw new ShapeError(
      `Cannot run the model: input ${input.name} must have shape [${wanted.join(', ')}], got ${formatShape(x.shape)}`,
    );
  }
}

/**
 * What a model is run with, by the names of its inputs: one tensor for a model with one input, else a record.
 * @throws InputError, ShapeError naming the input that is missing or does not fit.
 */
export function readInputs(
  given: TensorLike | Readonly<Record<string, TensorLike>>,
  inputs: readonly ValueInfo[],
  precision: DType,
): Map<string, Value> {
  const values = new Map<string, Value>();
  const record = isRecord(given) ? given : { [inputs[0]?.name ?? '']: given };
  for (const input of inputs) {
    const x = Object.hasOwn(record, input.name) ? record[input.name] : undefined;
    if (x === undefined) {
      throw new InputError(
        `Cannot run the model: its input ${input.name} is missing; got ${Object.keys(record).join(', ')}`,
      );
    }
    const tensor = toTensor(x, 'run the model');
    checkInput(tensor, input);
    values.set(input.name, {
      tensor: isFloat(input.dtype) ? castTo(tensor, precision) : tensor,
      type: input.dtype,
    });
  }
  return values;
}
