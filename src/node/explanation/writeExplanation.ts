import type { Explanation } from '../../cam/explanation.ts';
import type { PanelTile } from '../../image/panel.ts';
import { rest } from '../../tensor/drive.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { renderSvg } from '../pictures/renderSvg.ts';
import type { Stage } from '../stage.ts';
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
  mapTile,
  tilesOf,
  tilesOfDifference,
} from './drawExplanation.ts';
import { classDifferences, type DrawnMap, drawnMap, methodDifferences } from './drawnMaps.ts';
import { arrayJson, explanationArrays } from './explanationArrays.ts';
import { type Drawing, type Figure, type Format, isAnySubtracted } from './figure.ts';
import { createScales, mapsToDraw } from './mapScale.ts';
import { differenceName } from './outputNames.ts';
import type { Scene } from './scene.ts';

type Write = Stage['write'];

/** Writes the explanations of one picture, class by class. */
export interface Writer {
  /** The files of a class, whose names begin with `name`; what the manifest says of its pictures. */
  writeClass(explanation: Explanation, name: string, write: Write): Promise<Record<string, unknown>>;
  /** The files of the picture itself and of differences of its classes, after those of its classes; what is to be said of them. */
  writePicture(name: string, write: Write): Promise<Record<string, unknown>>;
}

/** What explanations are written with. */
interface Writing {
  readonly scene: Scene;
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

/** How one array is written, in the formats of arrays that are asked for. */
function writeArray(
  values: Tensor,
  name: string,
  { format, write }: { format: readonly Format[]; write: Write },
) {
  if (format.includes('npy')) write(`${name}.npy`, encodeNpy(values));
  if (format.includes('json')) write(`${name}.json`, arrayJson(values));
}

async function writeArrays(
  explanation: Explanation,
  name: string,
  { scene, signal, write }: Writing & { readonly write: Write },
): Promise<void> {
  const { format } = scene.figure;
  // Derivatives that no map reads are taken when they are looked at, and may cost minutes.
  if (format.every((each) => each !== 'npy' && each !== 'json')) return;
  for (const each of explanation.choices.methods) {
    for (const [array, values] of explanationArrays(explanation, each)) {
      await rest(signal);
      writeArray(values, `${name}.${each}.${array}`, { format, write });
    }
  }
}

/** Draws a map and writes what of it is wanted, under names that begin with `name`; as a panel shows it, where there is to be one. */
function writeMap(
  map: DrawnMap,
  name: string,
  { scene, wanted, write }: { scene: Scene; wanted: ReadonlySet<Drawing>; write: Write },
): Drawn | undefined {
  const isTiled = wanted.has('panel') || wanted.has('grid');
  const isOne = scene.tile === scene.ground;
  const tile = isTiled ? drawMap(map, scene.tile, scene) : undefined;
  if (wanted.has('overlay')) {
    const overlay = isOne && tile !== undefined ? tile : drawMap(map, scene.ground, scene);
    write(`${name}.png`, overlay.png);
  }
  if (wanted.has('raw')) write(`${name}.raw.png`, drawRaw(map, scene).png);
  return tile;
}

/** The maps of each explanation as they are drawn. */
function mapsOfClasses(explanations: readonly Explanation[], figure: Figure) {
  const signed = figure.signed === true;
  const maps = explanations.map((each) => mapsToDraw(each, signed));
  const scaleOf = createScales(maps, { common: figure.commonScale === true, signed });
  return new Map(
    explanations.map((explanation, i) => {
      const drawn = explanation.choices.methods.flatMap((method) => {
        const map = maps[i][method];
        return map === undefined
          ? []
          : drawnMap(method, explanation, { map, scale: scaleOf(method, map), figure });
      });
      return [explanation, drawn] as const;
    }),
  );
}

/** What the files of a picture are written with, and what they have in common. */
interface Desk extends Writing {
  readonly wanted: ReadonlySet<Drawing>;
  /** Rows of the grid, as they come. */
  readonly grid: ClassTiles[];
  photograph(): Drawn;
}

/** The files of maps that a panel shows together; what is to be said of them, by their names. */
async function writeMaps(
  maps: readonly DrawnMap[],
  name: string,
  { desk, write, tell }: { desk: Desk; write: Write; tell(tiles: readonly PanelTile[]): ClassTiles },
): Promise<Record<string, unknown>> {
  const { scene, signal, wanted, grid, photograph } = desk;
  const { format, box } = scene.figure;
  const shown: Record<string, unknown> = {};
  const tiles: PanelTile[] = [];
  for (const map of maps) {
    await rest(signal);
    if (map.isDifference) writeArray(map.raw, `${name}.${map.name}.map`, { format, write });
    if (wanted.size === 0) continue;
    shown[map.name] = { upTo: map.scale.upTo, box: boxOf(map, box, scene.crop) };
    const tile = writeMap(map, `${name}.${map.name}`, { scene, wanted, write });
    if (tile !== undefined) tiles.push(mapTile(map, tile));
  }
  await rest(signal);
  const row = tell(tiles);
  if (wanted.has('grid')) grid.push(row);
  if (wanted.has('panel')) {
    await writePanel(drawPanel(row, photograph(), scene), `${name}.panel`, { format, write });
  }
  return shown;
}

/** Writes in the formats asked for: overlays, panels and what else is to be drawn, arrays as npy, arrays as JSON. */
export function createWriter(explanations: readonly Explanation[], writing: Writing): Writer {
  const { scene, signal } = writing;
  const { format, draw, differences } = scene.figure;
  const wanted = new Set(draw);
  const areRead = wanted.size > 0 || isAnySubtracted(scene.figure);
  const maps = mapsOfClasses(areRead ? explanations : [], scene.figure);
  const mapsOf = (explanation: Explanation) => maps.get(explanation) ?? [];
  const grid: ClassTiles[] = [];
  let photograph: Drawn | undefined;
  const drawPhotograph = () => {
    photograph ??= drawn(scene.tile.picture);
    return photograph;
  };
  const desk = { ...writing, wanted, grid, photograph: drawPhotograph };

  /** The files of a class less another; what is to be said of them, by the names that they have after the picture's. */
  async function writeDifference(pair: readonly [number, number], name: string, write: Write) {
    const of = (index: number) =>
      explanations.find((each) => each.classIndex === index && each.against === undefined) as Explanation;
    const [first, second] = [of(pair[0]), of(pair[1])];
    const key = differenceName(pair);
    const tell = (tiles: readonly PanelTile[]) => tilesOfDifference([first, second], tiles);
    const less = classDifferences(mapsOf(first), mapsOf(second));
    const shown = await writeMaps(less, `${name}.${key}`, { desk, write, tell });
    return Object.fromEntries(Object.entries(shown).map(([method, said]) => [`${key}.${method}`, said]));
  }

  return {
    async writeClass(explanation, name, write) {
      const own = mapsOf(explanation);
      const all = [...own, ...methodDifferences(own, differences.methods)];
      const tell = (tiles: readonly PanelTile[]) => tilesOf(explanation, tiles);
      const shown = await writeMaps(all, name, { desk, write, tell });
      await writeArrays(explanation, name, { ...writing, write });
      return shown;
    },
    async writePicture(name, write) {
      const shown: Record<string, unknown> = {};
      for (const pair of differences.classes) {
        Object.assign(shown, await writeDifference(pair, name, write));
      }
      await rest(signal);
      if (wanted.has('crop')) write(`${name}.crop.png`, drawCrop(scene).png);
      if (wanted.has('grid')) {
        const svg = drawGrid(grid, drawPhotograph(), scene);
        await writePanel(svg, `${name}.grid`, { format, write });
      }
      return shown;
    },
  };
}
