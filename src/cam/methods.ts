import { InputError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Evidence } from './evidence.ts';
import { explainEmpty, gradCamReasons, layerCamReasons, plusPlusReasons } from './explainEmpty.ts';
import { gradCam } from './gradCam.ts';
import { gradCamPlusPlus } from './gradCamPlusPlus.ts';
import { layerCam } from './layerCam.ts';
import type { Captions, InputMethod, LayerMethod, Method, PlusPlusOptions, RawMap } from './method.ts';
import type { MoreMethodName } from './more/moreMethods.ts';
import { emptySmoothGrad, smoothGradMap } from './smoothGrad.ts';
import { smoothGradCamPlusPlus } from './smoothGradCamPlusPlus.ts';
import { isEmpty, weighted } from './weighted.ts';

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
  takesNumerator: true,
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
  takesNumerator: true,
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

/** The methods that `jetgrad/core` has, by the names that they have in flags and files. */
export type CoreMethodName = keyof typeof methods;

/** The methods, by the names that they have in flags and files: those of `jetgrad/core`, and of `jetgrad/methods`. */
export type MethodName = CoreMethodName | MoreMethodName;

/** The methods that read a layer. */
export type LayerMethodName =
  | {
      [name in CoreMethodName]: (typeof methods)[name]['of'] extends 'layer' ? name : never;
    }[CoreMethodName]
  | MoreMethodName;

/** The methods that run unless others are named. */
export type DefaultMethodName = {
  [name in CoreMethodName]: (typeof methods)[name]['isDefault'] extends true ? name : never;
}[CoreMethodName];

/**
 * The methods that need no more, by name; `moreMethods` of `jetgrad/methods` has others.
 * @example
 * methodNames.includes('layercam') // true
 */
export const methodNames = Object.keys(methods) as readonly CoreMethodName[];

/**
 * The four that the Smooth Grad-CAM++ paper compares: those run unless others are named.
 * @example
 * defaultMethodNames // ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad']
 */
export const defaultMethodNames = methodNames.filter(
  (name) => methods[name].isDefault,
) as readonly DefaultMethodName[];

/** Rows of methods by name. */
export type MethodRows = Readonly<Partial<Record<MethodName, Method>>>;

/** The rows of these names. @throws InputError for a name that has none. */
export function rowsOf(names: readonly MethodName[], more: MethodRows = {}): MethodRows {
  const known: MethodRows = { ...more, ...methods };
  const unknown = names.find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined && names.length > 0)
    return Object.fromEntries(names.map((name) => [name, known[name]]));
  throw new InputError(
    `Cannot explain by "${unknown ?? ''}": the methods are ${Object.keys(known).join(', ')}; moreMethods of jetgrad/methods has others, to be given as \`moreMethods\``,
  );
}

/** Row of a method of `jetgrad/core`, as any method. */
export const methodOf = (name: CoreMethodName): Method => methods[name];
