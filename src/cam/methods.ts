import type { Tensor } from '../tensor/tensor.ts';
import type { Evidence } from './evidence.ts';
import {
  type EmptyReasons,
  explainEmpty,
  gradCamReasons,
  layerCamReasons,
  plusPlusReasons,
} from './explainEmpty.ts';
import { gradCam } from './gradCam.ts';
import { gradCamPlusPlus } from './gradCamPlusPlus.ts';
import { layerCam } from './layerCam.ts';
import { camMap } from './map.ts';
import type {
  Captions,
  InputMethod,
  LayerMethod,
  Method,
  MethodResult,
  PlusPlusOptions,
  RawMap,
} from './method.ts';
import { emptySmoothGrad, smoothGradMap } from './smoothGrad.ts';
import { smoothGradCamPlusPlus } from './smoothGradCamPlusPlus.ts';

const isEmpty = ({ data }: Tensor) => data.every((value) => value === 0);

/** A map ReLU(Σ_k w_k A^k) by the weights of a method. */
function weighted(
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

const gradcam = {
  title: 'Grad-CAM',
  isDefault: true,
  look: 'cells',
  of: 'layer',
  order: 1,
  score: 'logit',
  noisy: false,
  weighs: 'maps',
  map: weighted('gradcam', gradCam, gradCamReasons),
  caption: ({ score }: Captions) => `score ${score}`,
} as const satisfies LayerMethod;

const gradcamPlusPlus = {
  title: 'Grad-CAM++',
  isDefault: true,
  look: 'cells',
  of: 'layer',
  order: 3,
  score: 'chosen',
  noisy: false,
  weighs: 'maps',
  map: weighted('gradcam++', gradCamPlusPlus, plusPlusReasons),
  caption: ({ score }: Captions) => `score ${score}`,
} as const satisfies LayerMethod;

const smoothgradcamPlusPlus = {
  title: 'Smooth Grad-CAM++',
  isDefault: true,
  look: 'cells',
  of: 'layer',
  order: 3,
  score: 'chosen',
  noisy: true,
  smooths: 'gradcam++',
  weighs: 'maps',
  map: weighted('smoothgradcam++', smoothGradCamPlusPlus, plusPlusReasons),
  caption: ({ score, noise }: Captions) => `score ${score}, ${noise}`,
} as const satisfies LayerMethod;

const smoothgrad = {
  title: 'SmoothGrad',
  isDefault: true,
  look: 'pixels',
  of: 'input',
  noisy: true,
  map(gradient: Tensor): RawMap {
    const raw = smoothGradMap(gradient);
    return isEmpty(raw) ? { raw, empty: emptySmoothGrad } : { raw };
  },
  caption: ({ score, noise }: Captions) => `∂${score.includes(' ') ? `(${score})` : score}/∂x, ${noise}`,
} as const satisfies InputMethod;

const layercam = {
  title: 'LayerCAM',
  isDefault: false,
  look: 'cells',
  of: 'layer',
  order: 1,
  score: 'logit',
  noisy: false,
  weighs: 'cells',
  map(evidence: Evidence, { select }: PlusPlusOptions): RawMap {
    const { map: raw, maps } = layerCam(evidence, { select });
    if (!isEmpty(raw)) return { raw, maps };
    return {
      raw,
      maps,
      empty: explainEmpty('layercam', layerCamReasons, { evidence, result: { maps }, select }),
    };
  },
  caption: ({ score }: Captions) => `score ${score}`,
} as const satisfies LayerMethod;

/**
 * Every method by the name it has in flags and files. What is asked for a method, its map, its caption, and why it may be
 * empty stand in its row; the command, the panel, the files and the report loop over the rows.
 */
export const methods = {
  gradcam,
  'gradcam++': gradcamPlusPlus,
  'smoothgradcam++': smoothgradcamPlusPlus,
  smoothgrad,
  layercam,
} as const satisfies Readonly<Record<string, Method>>;

/** The methods, by the names that they have in flags and files. */
export type MethodName = keyof typeof methods;

/** The methods that read a layer. */
export type LayerMethodName = {
  [name in MethodName]: (typeof methods)[name]['of'] extends 'layer' ? name : never;
}[MethodName];

/** The methods that run unless others are named. */
export type DefaultMethodName = {
  [name in MethodName]: (typeof methods)[name]['isDefault'] extends true ? name : never;
}[MethodName];

/**
 * All methods by name.
 * @example
 * methodNames.includes('layercam') // true
 */
export const methodNames = Object.keys(methods) as readonly MethodName[];

/**
 * The four that the Smooth Grad-CAM++ paper compares: those run unless others are named.
 * @example
 * defaultMethodNames // ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad']
 */
export const defaultMethodNames = methodNames.filter(
  (name) => methods[name].isDefault,
) as readonly DefaultMethodName[];

/** Row of a method, as any method. */
export const methodOf = (name: MethodName): Method => methods[name];
