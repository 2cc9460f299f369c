/** Contact sheets: pictures down, methods across. */
import { explain } from '../../src/cam/explain.ts';
import { plainLabel } from '../../src/cam/matchClass.ts';
import type { MethodName } from '../../src/cam/methods.ts';
import { methodOf } from '../../src/cam/more/methodTable.ts';
import { moreMethods } from '../../src/cam/more/moreMethods.ts';
import { sceneSet } from '../../src/evaluate/sets/sceneSet.ts';
import { groundOf } from '../../src/image/ground.ts';
import { mapLook, pixelMapLook } from '../../src/image/looks.ts';
import { drawOver } from '../../src/image/overlay.ts';
import type { Picture } from '../../src/image/picture.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import { INK, label, MUTED, whiteSheet } from '../../src/image/svgParts.ts';
import type { Preprocessing } from '../../src/model/data/format.ts';
import type { Model } from '../../src/model/model.ts';
import { encodePng } from '../../src/node/pictures/encodePng.ts';
import { renderSvg } from '../../src/node/pictures/renderSvg.ts';
import { loadModel } from '../../src/node.ts';
import { sceneAt } from './plan.ts';

const SIDE = 132;
const GAP = 8;
const LEFT = 150;
const TOP = 74;

/** A picture and its maps. */
export interface SheetRow {
  readonly title: string;
  readonly details: readonly string[];
  readonly picture: Picture;
  /** One for each column: a drawing, or why there is none. */
  readonly drawn: readonly (Picture | string)[];
}

function image(picture: Picture, [x, y]: readonly [number, number]): string {
  const scale = SIDE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((side) => Math.round(side * scale));
  const url = `data:image/png;base64,${Buffer.from(encodePng(picture)).toString('base64')}`;
  const at = `x="${x + Math.round((SIDE - width) / 2)}" y="${y + Math.round((SIDE - height) / 2)}"`;
  return `<image ${at} width="${width}" height="${height}" href="${url}"/>`;
}

function cell(drawn: Picture | string, at: readonly [number, number]): string {
  if (typeof drawn !== 'string') return image(drawn, at);
  return (
    `<rect x="${at[0]}" y="${at[1]}" width="${SIDE}" height="${SIDE}" fill="#f4f4f6"/>` +
    label(drawn, [at[0] + SIDE / 2, at[1] + SIDE / 2 + 4], {
      ...{ size: 11, colour: MUTED, anchor: 'middle', room: SIDE - 8 },
    })
  );
}

function rowSvg({ title, details, picture, drawn }: SheetRow, y: number): string {
  const x = (column: number) => LEFT + column * (SIDE + GAP);
  return [
    label(title, [GAP * 2, y + 18], { size: 13, colour: INK, bold: true, room: LEFT - 3 * GAP }),
    ...details.map((detail, i) =>
      label(detail, [GAP * 2, y + 36 + 16 * i], { size: 11, colour: MUTED, room: LEFT - 3 * GAP }),
    ),
    image(picture, [x(0), y]),
    ...drawn.map((each, i) => cell(each, [x(i + 1), y])),
  ].join('');
}

/** A sheet as PNG. */
export function drawGallery(
  title: string,
  columns: readonly string[],
  { rows, zoom }: { readonly rows: readonly SheetRow[]; readonly zoom: number },
): Promise<Uint8Array> {
  const width = LEFT + (columns.length + 1) * (SIDE + GAP) + GAP;
  const height = TOP + rows.length * (SIDE + GAP) + GAP;
  const headings = ['picture', ...columns].flatMap((text, i) =>
    text.split(', ').map((line, k) =>
      label(line, [LEFT + i * (SIDE + GAP), TOP - 24 + 15 * k], {
        ...{ size: 12, bold: k === 0, colour: k === 0 ? INK : MUTED, room: SIDE },
      }),
    ),
  );
  const heading = label(title, [GAP * 2, 32], { size: 16, colour: INK, bold: true, room: width - 4 * GAP });
  const drawn = rows.map((each, i) => rowSvg(each, TOP + i * (SIDE + GAP)));
  return renderSvg(whiteSheet([width, height], [heading, ...headings, ...drawn]), zoom);
}

/** What is drawn of one picture. */
export interface Shown {
  readonly model: Model;
  readonly picture: Picture;
  /** As the model says, unless given. */
  readonly preprocessing?: Preprocessing | undefined;
  readonly methods: readonly MethodName[];
  /** A label; the predicted class unless given. */
  readonly class?: string | undefined;
  readonly samples: number;
  readonly sigma: number;
}

/** The picture, a map of each method over it, and what was explained. */
export async function explainedRow(title: string, shown: Shown): Promise<SheetRow> {
  const { model, picture, methods, samples, sigma } = shown;
  const { input, crop } = preprocessFor(model, picture, shown.preprocessing);
  const made = await explain(model, input, {
    ...{ methods, samples, sigma, moreMethods },
    ...(shown.class !== undefined && { class: shown.class }),
  });
  const ground = groundOf(picture, { crop, size: 2 * SIDE });
  const { probability, rank } = made.explained;
  return {
    title,
    details: [
      (made.label && plainLabel(made.label).split(',')[0]) ?? `class ${made.classIndex}`,
      `p ${probability.toFixed(2)}${rank === 1 ? '' : `, rank ${rank}`}`,
    ],
    picture: ground.picture,
    drawn: methods.map((name) => {
      const map = made.maps[name];
      if (map === undefined || map.empty !== undefined) return 'empty map';
      return drawOver(ground, map.normalized, methodOf(name).look === 'pixels' ? pixelMapLook : mapLook);
    }),
  };
}

export const headingsOf = (methods: readonly MethodName[]): string[] =>
  methods.map((name) => methodOf(name).title);

const methods: readonly MethodName[] = [
  ...(['gradcam', 'gradcam++', 'smoothgradcam++', 'layercam', 'gradcam++powered'] as const),
];

/** Noisy inputs that networks see; the head of a transformer takes seconds for each. */
const usual = { samples: 25, sigma: 0.15 };
const slow = { samples: 3, sigma: 0.05 };
const noiseFor = (name: string) => (name === 'scenes-vit' ? slow : usual);

/** Scenes of two and of four objects by each network. */
export async function drawScenes(files: readonly (readonly [string, string])[]): Promise<Uint8Array> {
  const rows: SheetRow[] = [];
  for (const [name, file] of files) {
    const model = await loadModel(file);
    const labels = model.labels ?? [];
    for (const count of [2, 4]) {
      const scene = sceneAt(count - 1, 4) + 2 * count;
      const { picture, label } = sceneSet('scenes', { count: scene + 1, seed: 0, labels }).read(scene);
      rows.push(await explainedRow(name, { model, picture, methods, class: label, ...noiseFor(name) }));
    }
  }
  const title = `Scenes of two and of four objects, by every bundled network (n ${usual.samples}, σ ${usual.sigma}; scenes-vit n ${slow.samples}, σ ${slow.sigma})`;
  return drawGallery(title, headingsOf(methods), { rows, zoom: 1 });
}
