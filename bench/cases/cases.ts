import type { ContenderKind, Job } from '../contenders/contender.ts';
import { type NetworkName, networkTitles } from '../networks/index.ts';
import type { Case, Entrant, TimedCase } from './case.ts';
import { generalCases } from './generalCases.ts';

/** The slow ones among the contenders. */
const patience: Readonly<Partial<Record<ContenderKind, Partial<Entrant>>>> = {
  'tfjs-wasm': { isSlow: true },
  'tfjs-cpu': { isSlow: true, isOnce: true },
};

function entrant(contender: ContenderKind, job: Job, options: Partial<Entrant> = {}): Entrant {
  return { label: contender, contender, job, ...patience[contender], ...options };
}

interface ForwardOptions {
  readonly isQuick?: true;
  /** Peers besides ONNX Runtime's native build. */
  readonly peers: readonly ContenderKind[];
  readonly others?: readonly Entrant[];
}

function forward(network: NetworkName, batch: number, options: ForwardOptions): TimedCase {
  const job: Job = { kind: 'forward', network, batch };
  const all: readonly ContenderKind[] = ['jetgrad', 'onnxruntime-node', ...options.peers];
  return {
    kind: 'timed',
    name: `${network}-${batch}`,
    title: `${networkTitles[network]} forward, ${batch === 1 ? '1 image' : `${batch} images`}`,
    ...(options.isQuick && { isQuick: true }),
    entrants: [...all.map((contender) => entrant(contender, job)), ...(options.others ?? [])],
  };
}

/** Derivatives of a probability with classes merged, at logits scaled such that the top class has that probability. */
function pruned(name: string, confidence: number): TimedCase {
  return {
    kind: 'timed',
    name,
    title: `D1–D3 at conv5_3 of VGG-16, prob pruned at 1e-12, p = ${confidence}, float64`,
    entrants: [
      entrant('jetgrad', { kind: 'diagonal', network: 'vgg16', score: 'prob', confidence, prune: 1e-12 }),
    ],
  };
}

function precision(network: NetworkName): TimedCase {
  return {
    kind: 'timed',
    name: `precision-${network}`,
    title: `${networkTitles[network]}, float32 against float64`,
    ...(network === 'squeezenet1.1' && { isQuick: true }),
    entrants: [entrant('jetgrad', { kind: 'precision', network }, { isOnce: true })],
  };
}

/** Smooth Grad-CAM++ of 25 samples beside the forward pass of eight images. */
function smoothed(name: string, network: NetworkName): TimedCase {
  return {
    kind: 'timed',
    name,
    title: `Smooth Grad-CAM++ of ${networkTitles[network]}, 25 samples`,
    entrants: [
      entrant('jetgrad', { kind: 'explain', network, method: 'smoothgradcam++', samples: 25 }),
      entrant('jetgrad', { kind: 'forward', network, batch: 8 }, { label: 'its forward, 8 images' }),
    ],
  };
}

const vggForward = (batch: number): Job => ({ kind: 'forward', network: 'vgg16', batch });
const squeezeNet: Job = { kind: 'forward', network: 'squeezenet1.1', batch: 1 };
const web: readonly ContenderKind[] = ['onnxruntime-web', 'tfjs-wasm'];
/** TF.js is told of networks by hand, and knows none of the newer ones. */
const runtimes: readonly ContenderKind[] = ['onnxruntime-web'];
const oneThread = { label: 'jetgrad, 1 thread', threads: 1, isSlow: true } as const;

export const cases: readonly Case[] = [
  forward('vgg16', 1, { peers: [...web, 'tfjs-cpu'] }),
  forward('vgg16', 8, {
    isQuick: true,
    peers: web.map((each) => each),
    others: [entrant('jetgrad', vggForward(8), oneThread)],
  }),
  forward('squeezenet1.1', 1, { isQuick: true, peers: [...web, 'tfjs-cpu'] }),
  forward('squeezenet1.1', 8, { peers: web }),
  {
    kind: 'timed',
    name: 'crowded',
    title: 'SqueezeNet 1.1 forward, 1 image, beside a busy loop on each core',
    isCrowded: true,
    entrants: [
      entrant('jetgrad', squeezeNet),
      entrant('jetgrad', squeezeNet, { label: 'jetgrad, 1 thread', threads: 1 }),
    ],
  },
  forward('resnet50', 1, { peers: web }),
  forward('resnet50', 8, { peers: web }),
  forward('mobilenetv2', 1, { isQuick: true, peers: [...web, 'tfjs-cpu'] }),
  forward('mobilenetv2', 8, { peers: web }),
  forward('efficientnet', 1, { isQuick: true, peers: runtimes }),
  forward('efficientnet', 8, { peers: runtimes }),
  forward('vit', 1, { isQuick: true, peers: runtimes }),
  forward('vit', 8, { peers: runtimes }),
  forward('convnext', 1, { peers: runtimes }),
  forward('convnext', 8, { peers: runtimes }),
  forward('swin', 1, { peers: runtimes }),
  forward('swin', 8, { peers: runtimes }),
  smoothed('smoothgradcam++', 'vgg16'),
  smoothed('smoothgradcam++-efficientnet', 'efficientnet'),
  smoothed('smoothgradcam++-convnext', 'convnext'),
  smoothed('smoothgradcam++-swin', 'swin'),
  smoothed('smoothgradcam++-vit', 'vit'),
  {
    kind: 'timed',
    name: 'smoothgrad',
    title: 'SmoothGrad of VGG-16, 4 samples',
    entrants: [
      entrant('jetgrad', { kind: 'explain', network: 'vgg16', method: 'smoothgrad', samples: 4 }),
      entrant('jetgrad', vggForward(1), { label: 'its forward, 1 image' }),
    ],
  },
  {
    kind: 'timed',
    name: 'diagonal-exp',
    title: 'D1–D3 at conv5_3 of VGG-16, exp, float64',
    isQuick: true,
    entrants: [
      entrant('jetgrad', { kind: 'diagonal', network: 'vgg16', score: 'exp' }),
      entrant('jetgrad', { kind: 'headVjp', network: 'vgg16' }, { label: 'one VJP of its head' }),
    ],
  },
  {
    kind: 'timed',
    name: 'diagonal-prob',
    title: 'D1–D3 at conv5_3 of VGG-16, prob over 1000 classes, float64',
    entrants: [entrant('jetgrad', { kind: 'diagonal', network: 'vgg16', score: 'prob' })],
  },
  pruned('diagonal-prob-pruned', 0.999),
  pruned('diagonal-prob-pruned-sure', 0.99999),
  ...generalCases,
  precision('vgg16'),
  precision('squeezenet1.1'),
  precision('resnet50'),
  precision('mobilenetv2'),
  precision('efficientnet'),
  precision('vit'),
  precision('convnext'),
  precision('swin'),
  {
    kind: 'fresh',
    name: 'import',
    title: "import 'jetgrad'",
    isQuick: true,
    script: 'importJetgrad',
    runs: 11,
    entrants: [{ label: 'jetgrad' }],
  },
  {
    kind: 'fresh',
    name: 'load',
    title: 'Load VGG-16, fresh process',
    script: 'runOnce',
    runs: 5,
    entrants: [
      { label: 'from JSON + safetensors', model: 'vgg16.json' },
      { label: 'from .onnx', model: 'vgg16.onnx' },
    ],
  },
  { kind: 'size', name: 'size', title: 'jetgrad/core, minified + gzip', isQuick: true },
];

/** The case with the version before as one more entrant: it does what jetgrad does first. */
export function withBefore(given: Case, revision: string): Case {
  if (given.kind !== 'timed' || given.entrants[0].job.kind === 'precision') return given;
  const [first, ...others] = given.entrants;
  const before: Entrant = { ...first, label: `before (${revision})`, isBefore: true };
  return { ...given, entrants: [first, before, ...others] };
}

/** The case as `--quick` runs it. */
export function quicker(given: Case): Case {
  if (given.kind !== 'timed') return given;
  const isLarge = ({ contender, job }: Entrant) =>
    contender === 'onnxruntime-web' && job.kind === 'forward' && job.network === 'vgg16';
  return { ...given, entrants: given.entrants.filter((each) => each.isSlow !== true && !isLarge(each)) };
}
