import { ShapeError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { type NumberArray, type Tensor, type TensorLike, zeros } from '../tensor/tensor.ts';
import { finiteActivation, finiteTensor } from './finite.ts';
import type { MethodOptions } from './method.ts';
import { chooseEntries } from './select.ts';

/**
 * The weighted sum Σ_k w_k A^k, both signs kept, activation [K, H, W] and weights [K] → float64 [H, W]: `camMap` before its ReLU, which
 * cuts off what speaks against the class.
 *
 * Units: those of w times A; scaled by exp(−logScale) as w is. With a selection only the selected entries of A take
 * part, all other cells are 0.
 * @throws ShapeError when the weights are not K; InputError for NaN or Infinity in either, or a selection outside.
 * @example
 * toNested(signedMap(tensor([[[1, 2]], [[4, 2]]]), [2, -1])) // [[-2, 2]]
 */
export function signedMap(
  activation: TensorLike,
  weights: ArrayLike<number>,
  options: MethodOptions = {},
): Tensor {
  const action = 'make the map';
  checkOptions(options, { select: 'record' }, action);
  const { select } = options;
  const { data, shape } = finiteActivation(activation, action);
  const [count, height, width] = shape;
  const own = finiteTensor(weights as NumberArray, 'weights', action).data;
  if (own.length !== count) {
    throw new ShapeError(`Cannot ${action}: ${count} maps need as many weights, got ${own.length}`);
  }
  const map = zeros([height, width]);
  const chosen = chooseEntries(select, shape);
  for (const k of chosen.maps) {
    if (own[k] === 0) continue;
    for (const cell of chosen.cells(k)) map.data[cell] += own[k] * data[k * height * width + cell];
  }
  return map;
}

/**
 * The raw map L = ReLU(Σ_k w_k A^k), activation [K, H, W] and weights [K] → float64 [H, W].
 *
 * Units: those of w times A; scaled by exp(−logScale) as w is. With a selection only the selected entries of A take
 * part, all other cells are 0.
 * @throws ShapeError when the weights are not K; InputError for NaN or Infinity in either, or a selection outside.
 * Source: Selvaraju et al. 2017 (Grad-CAM), eq. 2; Omeiza et al. 2019 (Smooth Grad-CAM++), section 3, for selections.
 * @example
 * toNested(camMap(tensor([[[1, 2]], [[4, 2]]]), [2, -1])) // [[0, 2]]
 */
export function camMap(
  activation: TensorLike,
  weights: ArrayLike<number>,
  options: MethodOptions = {},
): Tensor {
  const map = signedMap(activation, weights, options);
  for (let i = 0; i < map.data.length; i++) map.data[i] = Math.max(map.data[i], 0);
  return map;
}

/**
 * The map for display: L / max L, in [0, 1]. A map without a positive entry is returned as it is.
 * @throws ShapeError for an empty map, InputError for NaN or Infinity.
 * @example
 * normalizeMap(tensor([[0, 1], [2, 4]])) // [[0, 0.25], [0.5, 1]]
 */
export function normalizeMap(map: TensorLike): Tensor {
  const { data, shape } = finiteTensor(map, 'the map', 'normalize the map');
  const out = zeros(shape);
  let largest = 0;
  for (const value of data) largest = Math.max(largest, value);
  for (let i = 0; i < data.length; i++) out.data[i] = largest > 0 ? data[i] / largest : data[i];
  return out;
}
