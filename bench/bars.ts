import type { Row } from './cases/case.ts';
import { type NetworkName, networkTitles } from './networks/index.ts';

/** A figure that counts, with what it must be and what it should be, at most; without them it is reported only. */
export interface Bar {
  readonly title: string;
  readonly must?: number;
  readonly aim?: number;
  readonly unit?: 's' | 'ms' | 'kB';
  /** undefined where what it needs was not measured. */
  value(rows: Rows): number | undefined;
  note?(rows: Rows): string | undefined;
}

/** Rows of a run, looked up by case and label. */
export interface Rows {
  /** Seconds of one image or sample, where the output was right. */
  seconds(name: string, label?: string): number | undefined;
  row(name: string, label?: string): Row | undefined;
}

export function lookUp(rows: readonly Row[]): Rows {
  const row = (name: string, label = 'jetgrad') =>
    rows.find((each) => each.case === name && each.label === label);
  return {
    row,
    seconds(name, label) {
      const found = row(name, label);
      if (found?.seconds === undefined || found.status !== 'passed') return undefined;
      return found.seconds / (found.items ?? 1);
    },
  };
}

const divide = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a / b;

/** jetgrad's time ÷ another's. */
const against = (name: string, label: string) => (rows: Rows) =>
  divide(rows.seconds(name), rows.seconds(name, label));

const times = (value: number | undefined, factor: number) =>
  value === undefined ? undefined : value * factor;

function fact(rows: Rows, name: string, key: string): number | undefined {
  const value = rows.row(name)?.facts?.[key];
  return typeof value === 'number' ? value : undefined;
}

const seconds = (value: number | undefined) =>
  value === undefined ? undefined : `${value.toPrecision(3)} s`;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

/** "25,088 of 100,352 entries live; active classifier.1 50.1 %, …" */
function describeActivity(rows: Rows): string | undefined {
  const facts = rows.row('diagonal-prob')?.facts;
  if (facts === undefined) return undefined;
  const units = Object.entries(facts).filter(([name]) => name.startsWith('active '));
  const live = `${percent(Number(facts.live) / Number(facts.entries))} of ${facts.entries} entries live`;
  const active = units.map(([name, share]) => `${name.slice('active '.length)} ${percent(Number(share))}`);
  return `${facts.plan}; ${live}; active units: ${active.join(', ')}`;
}

function compact(name: NetworkName, must: number, aim: number): Bar {
  return {
    ...{ title: `${networkTitles[name]} forward, 1 image ÷ onnxruntime-web`, must, aim },
    value: against(`${name}-1`, 'onnxruntime-web'),
  };
}

function native(name: NetworkName, must: number, aim: number): Bar {
  return {
    ...{ title: `${networkTitles[name]} forward, 8 images, per image ÷ onnxruntime-node`, must, aim },
    value: against(`${name}-8`, 'onnxruntime-node'),
  };
}

function precision(name: NetworkName): Bar {
  return {
    ...{ title: `${networkTitles[name]}, error of the float32 logits ÷ largest`, must: 1e-4, aim: 1e-5 },
    value: (rows) => rows.row(`precision-${name}`)?.error,
  };
}

/** Networks whose maps by the default layer and score no noise changes. */
const constant: ReadonlySet<NetworkName> = new Set(['efficientnet', 'swin']);

function smoothed(name: NetworkName): Bar {
  return {
    title: `Smooth Grad-CAM++ of ${networkTitles[name]}, per sample ÷ forward of 8, per image`,
    ...{ must: 1.5, aim: 1.2 },
    value: against(`smoothgradcam++-${name}`, 'its forward, 8 images'),
    note: () => (constant.has(name) ? 'noise changes no map there: its passes are left out' : undefined),
  };
}

/** VGG-16's weights, 138,357,544 of 4 bytes. */
const WEIGHT_BYTES = 4 * 138_357_544;
const memory = (label: string) => (rows: Rows) => divide(rows.row('load', label)?.peakBytes, WEIGHT_BYTES);
const newer: readonly NetworkName[] = ['efficientnet', 'vit', 'convnext', 'swin'];
const [json, onnx] = ['from JSON + safetensors', 'from .onnx'];

export const bars: readonly Bar[] = [
  {
    ...{ title: 'VGG-16 forward, 8 images, per image ÷ onnxruntime-node', must: 2, aim: 1 },
    value: against('vgg16-8', 'onnxruntime-node'),
  },
  {
    ...{ title: 'VGG-16 forward, 1 image ÷ onnxruntime-web', must: 0.5, aim: 0.25 },
    value: against('vgg16-1', 'onnxruntime-web'),
  },
  {
    ...{ title: 'VGG-16 forward, 1 image ÷ TF.js wasm', must: 0.12, aim: 0.06 },
    value: against('vgg16-1', 'tfjs-wasm'),
    note: () => 'TF.js runs one thread in Node',
  },
  compact('squeezenet1.1', 1, 0.5),
  compact('mobilenetv2', 1, 0.5),
  compact('resnet50', 1.2, 0.8),
  ...newer.map((name) => compact(name, 1, 0.5)),
  ...newer.map((name) => native(name, 5, 3)),
  {
    ...{ title: 'D1–D3 at conv5_3, exp ÷ one VJP of the head', must: 1.5, aim: 1.1 },
    value: against('diagonal-exp', 'one VJP of its head'),
    note: (rows) => seconds(rows.seconds('diagonal-exp')),
  },
  {
    ...{ title: 'D1–D3 at conv5_3, prob over 1000 classes', must: 30, aim: 8, unit: 's' },
    value: (rows) => rows.seconds('diagonal-prob'),
    note: describeActivity,
  },
  ...[0.999, 0.99999].map((confidence, i): Bar => {
    const name = `diagonal-prob-pruned${i === 0 ? '' : '-sure'}`;
    return {
      ...{
        title: `the same pruned at 1e-12, logits scaled to p = ${confidence}`,
        must: 2,
        aim: 1,
        unit: 's',
      },
      value: (rows) => rows.seconds(name),
      note: (rows) =>
        `${fact(rows, name, 'merged') ?? 'no'} classes merged; errors ${rows.row(name)?.facts?.bounds}`,
    };
  }),
  {
    ...{ title: 'Smooth Grad-CAM++, per sample ÷ forward of 8, per image', must: 1.3, aim: 1.15 },
    value: against('smoothgradcam++', 'its forward, 8 images'),
    note: (rows) => seconds(rows.row('smoothgradcam++')?.seconds),
  },
  ...(['efficientnet', 'convnext', 'swin', 'vit'] as const).map(smoothed),
  {
    ...{ title: 'VGG-16 forward, 8 images, 2 threads ÷ 1 thread', must: 0.6, aim: 0.52 },
    value: against('vgg16-8', 'jetgrad, 1 thread'),
  },
  { ...{ title: 'Peak memory ÷ weights, JSON + safetensors', must: 2.5, aim: 1.6 }, value: memory(json) },
  { title: 'Peak memory ÷ weights, .onnx', value: memory(onnx) },
  precision('vgg16'),
  precision('squeezenet1.1'),
  precision('resnet50'),
  precision('mobilenetv2'),
  ...newer.map(precision),
  {
    ...{ title: 'jetgrad/core, minified + gzip', must: 120, aim: 60, unit: 'kB' },
    value: (rows) => times(fact(rows, 'size', 'bytes'), 1e-3),
  },
  {
    ...{ title: "import 'jetgrad' in Node", must: 60, aim: 25, unit: 'ms' },
    value: (rows) => times(rows.seconds('import'), 1e3),
  },
  {
    title: 'SmoothGrad of VGG-16, per sample ÷ forward, 1 image',
    value: against('smoothgrad', 'its forward, 1 image'),
    note: (rows) => seconds(rows.seconds('smoothgrad')),
  },
  {
    ...{ title: '10,000 operations on numbers, forward and reverse ÷ micrograd', must: 4, aim: 2 },
    value: against('chain-reverse', 'micrograd'),
  },
  {
    ...{ title: 'Gradient of Rosenbrock-100 ÷ jax-js, compiled', must: 1, aim: 0.5 },
    value: against('rosenbrock-grad', 'jax-js-jit'),
  },
  { ...{ title: 'Load VGG-16, JSON + safetensors', unit: 's' }, value: (rows) => rows.seconds('load', json) },
  { ...{ title: 'Load VGG-16, .onnx', unit: 's' }, value: (rows) => rows.seconds('load', onnx) },
];

/** Which of the two a figure reaches. */
export function verdictOf({ must, aim }: Bar, value: number | undefined): 'aim' | 'must' | 'missed' | '' {
  if (value === undefined || must === undefined || aim === undefined) return '';
  return value <= aim ? 'aim' : value <= must ? 'must' : 'missed';
}
