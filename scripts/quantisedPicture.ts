/** A network beside itself in eight bits and in four, picture by picture: maps of the one class over the photograph, and what is between them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explain } from '../src/cam/explain.ts';
import { rankCorrelation } from '../src/cam/metrics/ranks.ts';
import { sceneSet } from '../src/evaluate/sets/sceneSet.ts';
import { overlay } from '../src/image/overlay.ts';
import { type PanelTile, panelSvg } from '../src/image/panel.ts';
import type { Picture } from '../src/image/picture.ts';
import { resizePicture } from '../src/image/resizePicture.ts';
import type { Model } from '../src/model/model.ts';
import { encodePng, loadModel, loadPicture, preprocessFor, renderSvg, saveModel } from '../src/node.ts';
import { formatNumber } from '../src/tensor/formatNumber.ts';
import { largestOf } from '../src/tensor/largest.ts';
import { encodeNpy } from '../src/tensor/npy.ts';
import { stackRows } from '../src/tensor/rows.ts';
import { contiguous, fromData, type Tensor } from '../src/tensor/tensor.ts';

const weights = fileURLToPath(new URL('../weights/', import.meta.url));
const quantise = fileURLToPath(new URL('quantise.py', import.meta.url));
const pictures = ['sample.png', 'sample-butterflies.png', 'sample-fish.png'];
const SIDE = 640;
/** Scenes that the ranges of activations are read off; none of them is drawn. */
const SCENES = { count: 96, seed: 7 };

interface Found {
  readonly map: Tensor;
  readonly probability: number;
}

/** Inputs of scenes, all classes in turn, as one batch [N, 3, H, W]. */
function sceneInputs(model: Model): Tensor {
  const scenes = sceneSet('scenes', { ...SCENES, labels: model.labels ?? [] });
  return stackRows(
    Array.from({ length: SCENES.count }, (_, i) => preprocessFor(model, scenes.read(i).picture).input),
  );
}

async function mapOf(model: Model, input: Tensor, classIndex?: number) {
  const { maps, explained } = await explain(model, input, { methods: ['gradcam++'], class: classIndex });
  const { normalized } = maps['gradcam++'];
  return {
    map: normalized,
    probability: explained.probability,
    label: explained.label,
    classIndex: explained.classIndex,
  };
}

const tile = (
  picture: Picture,
  words: Pick<PanelTile, 'title' | 'detail' | 'scale' | 'colormap'>,
): PanelTile => ({
  ...{ width: picture.width, height: picture.height, png: encodePng(picture) },
  ...words,
});

/** The map of a network of fewer bits, and how it differs from that of floats, each divided by its maximum. */
function comparedTiles(
  photograph: Picture,
  whole: Found,
  { narrow, bits }: { narrow: Found; bits: number },
): PanelTile[] {
  const [a, b] = [whole.map, narrow.map].map((map) => contiguous(map).data);
  const less = Float64Array.from(b, (value, i) => value - a[i]);
  const most = largestOf(less.map(Math.abs), 0);
  const difference = fromData(
    less.map((value) => value / most),
    whole.map.shape,
  );
  const share = `${formatNumber(100 * most)} % of the maximum`;
  return [
    tile(overlay(photograph, narrow.map), {
      ...{ title: `weights of ${bits} bits`, detail: `p = ${formatNumber(narrow.probability)}` },
      scale: ['0', `rank correlation ${rankCorrelation(a, b).toFixed(4)}`],
    }),
    tile(overlay(photograph, difference, { colormap: 'tide' }), {
      ...{ title: `${bits} bits − floats`, detail: 'red: more; blue: less' },
      ...{ scale: [`−${formatNumber(100 * most)} %`, share], colormap: 'tide' },
    }),
  ];
}

/** Draws the picture of docs/networks/quantised.md; its networks are written into a folder. @returns PNG. */
export async function drawQuantised(folder: string): Promise<Uint8Array> {
  const whole = await loadModel(join(weights, 'scenes-vgg.json'));
  const [file, inputs] = [join(folder, 'scenes-vgg.onnx'), join(folder, 'scenes.npy')];
  await saveModel(whole, file);
  writeFileSync(inputs, encodeNpy(sceneInputs(whole)));
  const narrows: { bits: number; model: Model }[] = [];
  for (const bits of [8, 4]) {
    const out = join(folder, `scenes-vgg-${bits}.onnx`);
    execFileSync('/usr/bin/python3', [quantise, file, out, inputs, '--bits', String(bits)]);
    narrows.push({ bits, model: await loadModel(out) });
  }
  const tiles: PanelTile[] = [];
  for (const name of pictures) {
    const picture = await loadPicture(join(weights, name));
    const photograph = resizePicture(picture, SIDE, SIDE);
    const { input } = preprocessFor(whole, picture);
    const found = await mapOf(whole, input);
    tiles.push(tile(photograph, { title: found.label ?? '', detail: name }));
    tiles.push(
      tile(overlay(photograph, found.map), {
        ...{ title: 'floats', detail: `p = ${formatNumber(found.probability)}` },
        scale: ['0', 'maximum'],
      }),
    );
    for (const { bits, model } of narrows) {
      const narrow = await mapOf(model, input, found.classIndex);
      tiles.push(...comparedTiles(photograph, found, { narrow, bits }));
    }
  }
  return renderSvg(
    panelSvg({
      title: 'Grad-CAM++ of scenes-vgg in floats, and with weights of eight and of four bits',
      subtitle:
        'activations of eight bits beside both; each map from 0 to its maximum; differences of maps that are divided by their maxima, each in colours of its own scale',
      ...{ tiles, columns: 6 },
    }),
  );
}
