import { basename } from 'node:path';
import type { Explanation } from '../../cam/explanation.ts';
import type { MethodName } from '../../cam/methods.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import type { Stage } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import { type Drawn, drawMap, drawPanel, type Scene } from './drawExplanation.ts';
import { arrayJson, explanationArrays } from './explanationArrays.ts';
import type { ExplainFlags } from './plan.ts';
import type { PreparedImage } from './prepareImages.ts';

/** What an explanation is written with. */
export interface Writing {
  readonly image: PreparedImage;
  readonly fields: readonly Box[];
  readonly flags: ExplainFlags;
  readonly stage: Pick<Stage, 'write'>;
  readonly signal: AbortSignal | undefined;
}

async function writePictures(explanation: Explanation, name: string, writing: Writing): Promise<void> {
  const { image, fields, flags, stage, signal } = writing;
  const [, , height, width] = image.input.shape;
  const { path, crop, picture } = image;
  const scene: Scene = {
    name: basename(path),
    picture,
    crop,
    size: { height, width },
    fields,
  };
  const overlays = new Map<MethodName, Drawn>();
  for (const method of flags.method) {
    await rest(signal);
    const map = explanation.maps[method];
    if (map === undefined) continue;
    const drawn = drawMap(map, scene);
    overlays.set(method, drawn);
    stage.write(`${name}.${method}.png`, drawn.png);
  }
  await rest(signal);
  stage.write(`${name}.panel.png`, await drawPanel(explanation, scene, overlays));
}

/** Writes an explanation in the formats asked for: overlays and a panel, arrays as npy, arrays as JSON. */
export async function writeExplanation(
  explanation: Explanation,
  name: string,
  writing: Writing,
): Promise<void> {
  const { flags, stage, signal } = writing;
  if (flags.format.includes('png')) await writePictures(explanation, name, writing);
  for (const method of flags.method) {
    for (const [array, values] of explanationArrays(explanation, method)) {
      await rest(signal);
      if (flags.format.includes('npy')) stage.write(`${name}.${method}.${array}.npy`, encodeNpy(values));
      if (flags.format.includes('json')) stage.write(`${name}.${method}.${array}.json`, arrayJson(values));
    }
  }
}
