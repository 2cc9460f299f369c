import type { Explanation } from '../../cam/explanation.ts';
import type { PanelTile } from '../../image/panel.ts';
import { renderSvg } from '../../node/pictures/renderSvg.ts';
import type { Stage } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import {
  boxOf,
  type ClassTiles,
  type Drawn,
  drawCrop,
  drawGrid,
  drawMap,
  drawn,
  drawPanel,
  drawRaw,
  methodTile,
  type ScaledMap,
} from './drawExplanation.ts';
import { arrayJson, explanationArrays } from './explanationArrays.ts';
import { drawingsOf } from './figureOptions.ts';
import { createScales, mapsToDraw } from './mapScale.ts';
import type { Drawing, Format } from './outputNames.ts';
import type { ExplainFlags } from './plan.ts';
import type { Scene } from './scene.ts';

type Write = Stage['write'];

/** Writes the explanations of one picture, class by class. */
export interface Writer {
  /** The files of a class, whose names begin with `name`; what the manifest says of its pictures. */
  writeClass(explanation: Explanation, name: string, write: Write): Promise<Record<string, unknown>>;
  /** The files of the picture itself, after those of its classes. */
  writePicture(name: string, write: Write): Promise<void>;
}

/** What explanations are written with. */
interface Writing {
  readonly scene: Scene;
  readonly flags: ExplainFlags;
  readonly signal?: AbortSignal | undefined;
}

/** A panel in the formats asked for. */
async function writePanel(
  svg: string,
  name: string,
  { format, write }: { format: readonly Format[]; write: Write },
) {
  if (format.includes('png')) write(`${name}.png`, await renderSvg(svg));
  if (format.includes('svg')) write(`${name}.svg`, svg);
}

async function writeArrays(
  explanation: Explanation,
  name: string,
  { flags: { format, method }, signal, write }: Writing & { readonly write: Write },
): Promise<void> {
  for (const each of method) {
    for (const [array, values] of explanationArrays(explanation, each)) {
      await rest(signal);
      if (format.includes('npy')) write(`${name}.${each}.${array}.npy`, encodeNpy(values));
      if (format.includes('json')) write(`${name}.${each}.${array}.json`, arrayJson(values));
    }
  }
}

/** Draws a map and writes what of it is wanted, under names that begin with `name`; as a panel shows it, where there is to be one. */
function writeMap(
  scaled: ScaledMap,
  name: string,
  { scene, wanted, write }: { scene: Scene; wanted: ReadonlySet<Drawing>; write: Write },
): Drawn | undefined {
  const isTiled = wanted.has('panel') || wanted.has('grid');
  const isOne = scene.tile === scene.ground;
  const tile = isTiled ? drawMap(scaled, scene.tile, scene) : undefined;
  if (wanted.has('overlay')) {
    const overlay = isOne && tile !== undefined ? tile : drawMap(scaled, scene.ground, scene);
    write(`${name}.png`, overlay.png);
  }
  if (wanted.has('raw')) write(`${name}.raw.png`, drawRaw(scaled, scene).png);
  return tile;
}

/** Writes in the formats asked for: overlays, panels and what else is to be drawn, arrays as npy, arrays as JSON. */
export function createWriter(explanations: readonly Explanation[], writing: Writing): Writer {
  const { scene, flags, signal } = writing;
  const { format } = flags;
  const wanted = new Set(drawingsOf(flags));
  const signed = flags.signed === true;
  const mapsOf = new Map(explanations.map((each) => [each, mapsToDraw(each, signed)]));
  const scaleOf = createScales([...mapsOf.values()], { common: flags.commonScale === true, signed });
  const classes: ClassTiles[] = [];
  let photograph: Drawn | undefined;
  const drawPhotograph = () => {
    photograph ??= drawn(scene.tile.picture);
    return photograph;
  };
  return {
    async writeClass(explanation, name, write) {
      const shown: Record<string, unknown> = {};
      const tiles: PanelTile[] = [];
      for (const method of wanted.size === 0 ? [] : flags.method) {
        await rest(signal);
        const map = mapsOf.get(explanation)?.[method];
        if (map === undefined) continue;
        const scaled = { method, map, scale: scaleOf(method, map) };
        shown[method] = { upTo: scaled.scale.upTo, box: boxOf(scaled, flags.box, scene.crop) };
        const tile = writeMap(scaled, `${name}.${method}`, { scene, wanted, write });
        if (tile !== undefined) tiles.push(methodTile(scaled, tile, { explanation, flags }));
      }
      await rest(signal);
      const made = { explanation, tiles };
      if (wanted.has('grid')) classes.push(made);
      if (wanted.has('panel')) {
        await writePanel(drawPanel(made, drawPhotograph(), scene), `${name}.panel`, { format, write });
      }
      await writeArrays(explanation, name, { ...writing, write });
      return shown;
    },
    async writePicture(name, write) {
      await rest(signal);
      if (wanted.has('crop')) write(`${name}.crop.png`, drawCrop(scene).png);
      if (wanted.has('grid')) {
        await writePanel(drawGrid(classes, drawPhotograph(), scene), `${name}.grid`, { format, write });
      }
    },
  };
}
