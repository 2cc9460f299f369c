import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moreOperators } from '../../src/layers/more.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { loadModel, readLabels } from '../../src/node.ts';
import { describeNetwork } from './describeNetwork.ts';
import { normalInput } from './runtime.ts';

/** What is to be known of a network besides what follows from its file. */
const notes: Readonly<Record<string, string>> = {
  alexnet: 'the ReLU before the last pool',
  vgg11_bn: '`docs/networks/vgg16.md`',
  squeezenet1_1: 'the logits are means of a class map, which is no layer to explain',
  googlenet: 'without its helper heads',
  inception_v3: 'without its helper heads; pictures of 299 pixels',
  efficientnet_b0: 'SiLU behind the last convolution: the layer is its product',
  efficientnet_v2_s: 'as EfficientNet-B0',
  mobilenet_v3_small: 'HardSwish, and a hidden layer with another behind the pool',
  convnext_tiny: 'the residual stream before a norm: signed',
  vit_b_16: 'only the class token is read at the end; `docs/networks/vit.md`',
  swin_t: 'windows are followed back to rows and columns; signed',
  maxvit_t: 'signed; Grad-CAM++ takes minutes',
  fcn_resnet50: '`docs/networks/segmentation.md`',
  deeplabv3_resnet50: 'as FCN',
  lraspp_mobilenet_v3_large: 'as FCN; two branches meet in the head',
  'squeezenet1.1': 'as squeezenet1_1',
  'tiny-vgg': 'ends in Softmax: its input is z',
  'mobilenet-v1-0.25-128': '1,001 classes, 0 is background',
  'mnist-8': 'one channel',
  fastestdet: 'COCO; `docs/networks/detection.md`',
  'yunet-n-dynamic': 'faces; open sides and batch; here at 224 × 224',
  'yolo-v8-13': 'the shape of YOLOv8 in small, random weights; `docs/networks/detection.md`',
  'yolo-v5-13': 'the shape of YOLOv5 in small, random weights',
  'detr-13': 'the shape of DETR in small, random weights; the last map of its encoder',
  segmenter: 'in the repository; `docs/networks/segmentation.md`',
  vit: 'in the repository; `docs/networks/vit.md`',
  'scenes-vgg': 'the bundled network',
};

export const parts = {
  torchvision: 'of torchvision',
  files: 'of files',
} as const;

export type Part = keyof typeof parts;

const columns = [
  'network',
  'default layer',
  'layout',
  'score',
  'drawn by default',
  'derivatives of exp',
  'to know',
];

/** The .onnx files of the page that are at hand, by their names in it. */
export function filesAtHand(root: string, data: string): Map<string, string> {
  const places = [
    join(root, 'weights/scenes-vgg.json'),
    ...['segmenter', 'vit'].map((name) => join(root, `docs/networks/${name}.onnx`)),
    ...['squeezenet1.1', 'tiny-vgg', 'resnet20-cifar10', 'mobilenet-v1-0.25-128', 'fastestdet'].map((name) =>
      join(data, `models/${name}.onnx`),
    ),
    join(data, 'models/yunet-n-dynamic.onnx'),
    ...['v8', 'v5'].map((kind) => join(root, `test/fixtures/yolo/yolo-${kind}-13.onnx`)),
    join(root, 'test/fixtures/detr/detr-13.onnx'),
    join(data, 'models/mnist-8/model.onnx'),
  ];
  const nameOf = (path: string) =>
    path.endsWith('model.onnx') ? 'mnist-8' : basename(path).replace(/\.(onnx|json)$/, '');
  return new Map(places.filter(existsSync).map((path) => [nameOf(path), path]));
}

/** What export.py wrote into a folder, by the names of torchvision. */
export function exportsIn(folder: string): Map<string, string> {
  const files = readdirSync(folder).filter((file) => /-\d+\.onnx$/.test(file));
  return new Map(files.sort().map((file) => [file.replace(/-\d+\.onnx$/, ''), join(folder, file)]));
}

/** Labels of files that do not have them, beside the folder of models. */
const labels: Readonly<Record<string, string>> = { fastestdet: '../labels/coco-80.txt' };

/** A network of the page, with its labels. */
export async function networkOf(name: string, path: string): Promise<Model> {
  const model = await loadModel(path);
  if (labels[name] === undefined) return model;
  const own = await readLabels(join(dirname(path), labels[name]));
  return createModel({ ...model.data, labels: own }, { operators: moreOperators });
}

/** A row of the page. */
export async function rowOf(name: string, path: string): Promise<string> {
  const model = await networkOf(name, path);
  const cells = await describeNetwork(model, normalInput(model));
  return `| ${[name, ...cells, notes[name] ?? ''].join(' | ')} |`;
}

const marks = (part: Part) => [`<!-- networks ${parts[part]}: npm run networks -->`, '<!-- end -->'] as const;

/** The rows of a part of the page, by their names. @throws Error where the page has no such part. */
export function rowsIn(page: string, part: Part): Map<string, string> {
  const [begin, end] = marks(part);
  const text = page.split(begin)[1]?.split(end)[0];
  if (text === undefined)
    throw new Error(`the page has no place for the networks between ${begin} and ${end}`);
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${columns[0]} `));
  return new Map(lines.map((line) => [line.split('|')[1].trim(), line]));
}

/** The page with these rows in place of those of that part. */
export function withRows(page: string, part: Part, rows: readonly string[]): string {
  const [begin, end] = marks(part);
  rowsIn(page, part);
  const [before, rest] = page.split(begin);
  const table = [`| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`, ...rows].join('\n');
  return `${before}${begin}\n\n${table}\n\n${rest.slice(rest.indexOf(end))}`;
}
