import { reshape } from '../../autodiff/operations.ts';
import type { Model } from '../../model/model.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { formatShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { findLayer } from '../shared/findLayer.ts';
import { checkFinite, type InputReading, readInput } from '../shared/readInput.ts';

/** The network's input of a file, [1, C, H, W]. @throws InputError, ShapeError */
export function readImage(path: string, reading: InputReading): Tensor {
  const { model } = reading;
  const given = readInput(path, model.inputs[0].name, reading);
  checkFinite(given, path);
  const wanted = model.inputs[0].shape ?? [];
  const x = given.shape.length === wanted.length - 1 ? reshape(given, [1, ...given.shape]) : given;
  const fits =
    x.shape.length === wanted.length &&
    x.shape.every((length, axis) =>
      axis === 0 ? length === 1 : typeof wanted[axis] === 'string' || wanted[axis] === length,
    );
  if (fits) return x;
  throw new ShapeError(
    `Cannot use ${path}: the network takes one input [${[1, ...wanted.slice(1)].join(', ')}], got ${formatShape(given.shape)}`,
  );
}

/** Tensor of the layer. @throws InputError, ShapeError where there is not one input, or no such layer. */
export function targetOf(model: Model, layerFlag: string | undefined, outputs: readonly string[]): string {
  if (model.inputs.length !== 1) {
    const names = model.inputs.map(({ name }) => name).join(', ');
    throw new InputError(`Cannot take diagonals of ${model.name}: it takes ${names}, one input is wanted`);
  }
  const { layer, shape } = model.split(findLayer(model, layerFlag, outputs), { outputs });
  if (shape === undefined || shape[0] === 1) return layer;
  throw new ShapeError(
    `Cannot take diagonals at ${layer}: activations of one image [1, …] are wanted, it gives ${formatShape(shape)}; see inspect`,
  );
}
