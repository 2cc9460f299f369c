import type { MetricName } from '../../src/cam/metrics/metrics.ts';

/** A run of `jetgrad evaluate` on generated scenes. */
export interface Evaluation {
  readonly name: string;
  readonly title: string;
  /** What it is to tell. */
  readonly question: string;
  /** Names of bundled networks: those that are there take part. */
  readonly models: readonly string[];
  /** Scenes of a whole run, and of a quick one. */
  readonly scenes: number;
  readonly quickScenes: number;
  readonly metrics: readonly MetricName[];
  readonly methods: readonly string[];
  /** Flags that take several values: of a whole run, and of a quick one. */
  readonly sweep?: Readonly<Record<'sigma' | 'samples' | 'score', readonly (string | number)[]>>;
  readonly quickSweep?: Evaluation['sweep'];
  /** Whether parts of the scenes are told apart, and the class that is predicted has tables of its own. */
  readonly hasParts?: boolean;
}

const where = ['pointing', 'mass', 'iou', 'pxap', 'covered@0.15', 'covered@0.5', 'evenness', 'focc'] as const;
const paper = ['gradcam', 'gradcam++', 'smoothgradcam++'] as const;
const once = { sigma: [0.15], samples: [25], score: ['exp'] } as const;

/** Every run, in the order of the page. Seeds are those of the command, 0 unless said. */
export const evaluations: readonly Evaluation[] = [
  {
    name: 'methods',
    hasParts: true,
    title: 'Methods, one to four occurrences',
    question:
      'Do the maps of Smooth Grad-CAM++ show where the objects are better than those of Grad-CAM++ and Grad-CAM, and does it matter how many there are?',
    models: ['scenes-vgg', 'scenes-vgg-gelu', 'scenes-resnet', 'scenes-convnext'],
    scenes: 480,
    quickScenes: 48,
    metrics: [...where, 'contribution', 'drop'],
    methods: [
      ...[...paper, 'smoothgrad', 'layercam', 'hirescam', 'xgradcam', 'eigencam'],
      ...['gradcam++powered', 'gradcam++normalised', 'smoothgradcam++printed'],
    ],
  },
  {
    name: 'tokens',
    hasParts: true,
    title: 'A vision transformer',
    question:
      'The same of a class token’s attention, whose derivatives take seconds a picture: few scenes, and few noisy inputs.',
    models: ['scenes-vit'],
    scenes: 48,
    quickScenes: 2,
    metrics: [...where, 'contribution', 'drop'],
    methods: [...paper, 'layercam', 'gradcam++powered', 'smoothgradcam++printed'],
    sweep: { sigma: [0.05], samples: [10], score: ['exp'] },
    quickSweep: { sigma: [0.05], samples: [1], score: ['exp'] },
  },
  {
    name: 'noise',
    title: 'Number of noisy inputs and their noise',
    question: 'How much noise, and how many noisy inputs, does Smooth Grad-CAM++ want?',
    models: ['scenes-vgg', 'scenes-vgg-gelu'],
    scenes: 192,
    quickScenes: 12,
    metrics: ['mass', 'covered@0.5', 'focc'],
    methods: ['gradcam++', 'smoothgradcam++'],
    sweep: { sigma: [0.02, 0.05, 0.1, 0.15, 0.3], samples: [1, 5, 25, 50], score: ['exp'] },
    quickSweep: { sigma: [0.05, 0.15], samples: [1, 5], score: ['exp'] },
  },
  {
    name: 'scores',
    title: 'What the derivatives are of',
    question: 'Do the maps differ by whether exp(z), p or log p is differentiated?',
    models: ['scenes-vgg', 'scenes-vgg-gelu'],
    scenes: 192,
    quickScenes: 12,
    metrics: ['mass', 'covered@0.5', 'focc', 'drop'],
    methods: ['gradcam++', 'smoothgradcam++'],
    sweep: { sigma: [0.05], samples: [25], score: ['exp', 'prob', 'logprob'] },
    quickSweep: { sigma: [0.05], samples: [5], score: ['exp', 'prob'] },
  },
  {
    name: 'sanity',
    title: 'Sanity checks',
    question:
      'Do the maps change when the network’s weights are drawn anew, layer by layer, and stay when the picture hardly changes?',
    models: ['scenes-vgg', 'scenes-vgg-gelu', 'scenes-resnet', 'scenes-convnext'],
    scenes: 48,
    quickScenes: 4,
    metrics: ['randomisation', 'randomisation-absolute', 'sensitivity', 'stability'],
    methods: [...paper, 'layercam'],
  },
];

/** What of a flag is run. */
export const sweepOf = (evaluation: Evaluation, quick: boolean): NonNullable<Evaluation['sweep']> =>
  (quick ? (evaluation.quickSweep ?? evaluation.sweep) : evaluation.sweep) ?? once;

/** Of which networks derivatives are held against powers, on how many scenes and noisy inputs: heads of attention take seconds each. */
export const derivativeRuns: Readonly<Record<string, { readonly scenes: number; readonly samples: number }>> =
  {
    'scenes-vgg': { scenes: 48, samples: 25 },
    'scenes-vgg-gelu': { scenes: 48, samples: 25 },
    'scenes-resnet': { scenes: 48, samples: 25 },
    'scenes-convnext': { scenes: 48, samples: 25 },
    'scenes-vit': { scenes: 24, samples: 5 },
  };

/** Noise of the inputs there. */
export const DERIVATIVE_SIGMA = 0.05;

/** Scenes come class by class, then number by number: so many classes and numbers are there. */
const TURN = 48;

/** The i-th of some scenes: of few, such as are spread over all numbers of occurrences. */
export const sceneAt = (i: number, scenes: number): number =>
  scenes < TURN ? Math.floor((i * TURN) / scenes) : i;
