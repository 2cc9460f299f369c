import type { Tensor } from '../tensor/tensor.ts';
import type { Evidence } from './evidence.ts';
import { type EmptyReasons, explainEmpty } from './explainEmpty.ts';
import { camMap } from './map.ts';
import type { LayerMethod, MethodResult, PlusPlusOptions, RawMap } from './method.ts';

export const isEmpty = ({ data }: Tensor) => data.every((value) => value === 0);

/** A map ReLU(Σ_k w_k A^k) by the weights of a method. */
export function weighted(
  title: string,
  weigh: (evidence: Evidence, options: PlusPlusOptions) => MethodResult,
  reasons: EmptyReasons,
): LayerMethod['map'] {
  return (evidence, options) => {
    const { select } = options;
    const result = weigh(evidence, options);
    const raw = camMap(evidence.activation, result.weights, { select });
    const map: RawMap = { raw, ...result };
    return isEmpty(raw) ? { ...map, empty: explainEmpty(title, reasons, { evidence, result, select }) } : map;
  };
}
