import type { Tensor } from '../../tensor/tensor.ts';
import type { Evidence } from '../evidence.ts';
import { cellReasons, explainEmpty, gradCamReasons, plusPlusReasons } from '../explainEmpty.ts';
import type {
  Captions,
  LayerMethod,
  Method,
  MethodResult,
  NetworkMethod,
  PlusPlusOptions,
  RawMap,
} from '../method.ts';
import { isEmpty, weighted } from '../weighted.ts';
import { ablationCam } from './ablationCam.ts';
import { allOnes, centreGaussian, meanActivation, randomMap } from './controls.ts';
import { eigenCam } from './eigenCam.ts';
import { positiveGradCam, xGradCam } from './gradientWeights.ts';
import { hiResCam } from './hiResCam.ts';
import { attributionMap, integratedGradients } from './integratedGradients.ts';
import { leGrad, withoutAttention } from './leGrad.ts';
import { normalisedPlusPlus, poweredPlusPlus, printedSmooth } from './plusPlusVariants.ts';
import { scoreCam } from './scoreCam.ts';
import { shapleyCam } from './shapleyCam.ts';

const captions = {
  score: ({ score }: Captions) => `score ${score}`,
  noisy: ({ score, noise }: Captions) => `score ${score}, ${noise}`,
} as const;

const shared = { isDefault: false, look: 'cells', noisy: false, caption: captions.score } as const;
const ofLogit = { ...shared, of: 'layer', order: 1, score: 'logit', weighs: 'maps' } as const;
const ofCells = { ...ofLogit, weighs: 'cells' } as const;
const ofCurvature = { ...shared, of: 'layer', order: 3, score: 'chosen', weighs: 'maps' } as const;
const ofNetwork = { ...shared, of: 'network', order: 1, score: 'logit', weighs: 'maps' } as const;

/** A map of cells, and why it is empty where it is. */
function cells(
  name: string,
  make: (evidence: Evidence, options: PlusPlusOptions) => { map: Tensor; maps: readonly number[] },
): LayerMethod['map'] {
  return (evidence, { select }) => {
    const { map: raw, maps } = make(evidence, { select });
    if (!isEmpty(raw)) return { raw, maps };
    return { raw, maps, empty: explainEmpty(name, cellReasons, { evidence, result: { maps }, select }) };
  };
}

/** A map ReLU(Σ_k w_k A^k) by weights that take passes. */
function weighed(
  name: string,
  weigh: (...args: Parameters<NetworkMethod['map']>) => MethodResult | Promise<MethodResult>,
): NetworkMethod['map'] {
  return async (evidence, options, network) => {
    const result = await weigh(evidence, options, network);
    return weighted(name, () => result, gradCamReasons)(evidence, options);
  };
}

const plain = (raw: Tensor, why: string): RawMap => (isEmpty(raw) ? { raw, empty: why } : { raw });

const control = { ...ofCells, caption: ({ score }: Captions) => `a control, whatever the ${score}` } as const;

/**
 * Methods beside those of `jetgrad/core`, and controls, by the names that they have in flags and files: give them to `explain` as
 * `moreMethods`.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const { maps } = await explain(model, input, { methods: ['hirescam', 'gradcam'], moreMethods });
 * maps.hirescam.raw.shape // [12, 12]
 */
export const moreMethods = {
  hirescam: { ...ofCells, title: 'HiResCAM', map: cells('hirescam', hiResCam) },
  xgradcam: { ...ofLogit, title: 'XGrad-CAM', map: weighted('xgradcam', xGradCam, gradCamReasons) },
  'gradcam+': {
    ...ofLogit,
    title: 'Grad-CAM, positive gradients',
    map: weighted('gradcam+', positiveGradCam, gradCamReasons),
  },
  'gradcam++powered': {
    ...ofLogit,
    title: 'Grad-CAM++, powered gradients',
    map: weighted('gradcam++powered', poweredPlusPlus, plusPlusReasons),
  },
  'gradcam++normalised': {
    ...ofCurvature,
    title: 'Grad-CAM++, normalised α',
    takesNumerator: true,
    map: weighted('gradcam++normalised', normalisedPlusPlus, plusPlusReasons),
  },
  'smoothgradcam++printed': {
    ...ofCurvature,
    title: 'Smooth Grad-CAM++ as printed',
    noisy: true,
    map: weighted('smoothgradcam++printed', printedSmooth, plusPlusReasons),
    caption: captions.noisy,
  },
  eigencam: {
    ...ofCells,
    title: 'Eigen-CAM',
    map: cells('eigencam', eigenCam),
    caption: ({ score }: Captions) => `of no class, whatever the ${score}`,
  },
  shapleycam: { ...ofNetwork, title: 'ShapleyCAM', score: 'chosen', map: weighed('shapleycam', shapleyCam) },
  ablationcam: { ...ofNetwork, title: 'Ablation-CAM', map: weighed('ablationcam', ablationCam) },
  scorecam: { ...ofNetwork, title: 'Score-CAM', map: weighed('scorecam', scoreCam) },
  legrad: {
    ...ofNetwork,
    title: 'LeGrad, last attention',
    weighs: 'cells',
    unfit: withoutAttention,
    map: async (_evidence, _options, network) =>
      plain(
        await leGrad(network),
        'The legrad map is all zero because no attention weight raises the logit; try another class.',
      ),
  },
  integratedgradients: {
    ...ofNetwork,
    title: 'Integrated gradients',
    weighs: 'cells',
    look: 'pixels',
    map: async (_evidence, _options, network) =>
      plain(
        attributionMap(await integratedGradients(network)),
        'The integratedgradients map is all zero because the gradient of the logit is 0 on the whole way from 0 to the picture; try another class.',
      ),
  },
  ones: { ...control, title: 'All ones', map: (evidence: Evidence) => ({ raw: allOnes(evidence) }) },
  centre: { ...control, title: 'Centre', map: (evidence: Evidence) => ({ raw: centreGaussian(evidence) }) },
  random: { ...control, title: 'Random', map: (evidence: Evidence) => ({ raw: randomMap(evidence) }) },
  meanactivation: { ...control, title: 'Mean |A|', map: cells('meanactivation', meanActivation) },
} as const satisfies Readonly<Record<string, Method>>;

/** The methods of `moreMethods`, by the names that they have in flags and files. */
export type MoreMethodName = keyof typeof moreMethods;
