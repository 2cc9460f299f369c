import { basename, join } from 'node:path';
import type { Explanation } from '../../cam/explanation.ts';
import type { MethodName } from '../../cam/methods.ts';
import { type LayerNeurons, neurons, type Strength } from '../../cam/neurons.ts';
import { parseMaps } from '../../cam/parseSelection.ts';
import { chooseEntries } from '../../cam/select.ts';
import { percent } from '../../image/atlas/columns.ts';
import { checkOutputs } from '../../node/checkOutputs.ts';
import { computeFacts } from '../../node/computeFacts.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { scaledText } from '../../node/explanation/mapScale.ts';
import { packageVersion } from '../../node/ownPackage.ts';
import { renderSvg } from '../../node/pictures/renderSvg.ts';
import { type Stage, staged } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { createAnnouncer, passesFor } from '../explain/announceWork.ts';
import { explainAsked } from '../explain/explainAsked.ts';
import { type ExplainFlags, type ExplainPlan, planExplain } from '../explain/plan.ts';
import { type PreparedImage, prepareImage } from '../explain/prepareImages.ts';
import { printImage, type Shown } from '../explain/report.ts';
import { unusedOptions } from '../explain/unusedOptions.ts';
import { formatTable } from '../shared/formatTable.ts';
import type { Io } from '../shared/io.ts';
import { pathsRead } from '../shared/openModel.ts';
import { createProgress } from '../shared/progress.ts';
import { drawAtlas } from './drawAtlas.ts';
import { neuronsCsv, neuronsJson } from './neuronTables.ts';

/** The flags of `neurons`, read. */
export interface NeuronFlags
  extends Omit<ExplainFlags, 'class' | 'method' | 'format' | 'neuron' | 'region' | 'maps'> {
  readonly class?: string;
  readonly maps: string;
  readonly by: Strength;
  readonly each: number;
  readonly method: MethodName;
}

const PNG = 'atlas.png';
const SVG = 'atlas.svg';
const JSON_FILE = 'neurons.json';
const CSV = 'neurons.csv';
const MANIFEST = 'manifest.json';
const outputs = [PNG, SVG, JSON_FILE, CSV, MANIFEST];

/** Pixels of the picture for each of the plate, so that its small numbers are read on paper. */
const ZOOM = 1.5;

/** The same as `explain` would be asked; maps are chosen of what it finds. */
const asExplained = ({ maps, by, each, class: wanted, method, ...flags }: NeuronFlags): ExplainFlags => ({
  ...flags,
  ...(wanted !== undefined && { class: [wanted] }),
  method: [method],
  format: ['png'],
});

/** @throws InputError for several classes, and for maps that the layer lacks. */
function checkAsked({ classes, shape }: ExplainPlan, { maps, class: wanted }: NeuronFlags): void {
  const count = classes === undefined ? 1 : 'top' in classes ? classes.top : classes.length;
  if (count !== 1) {
    throw new InputError(`Cannot draw neurons of the classes "${wanted}": a plate is of one class; give one`);
  }
  const chosen = parseMaps(maps);
  if (shape !== undefined) chooseEntries({ maps: chosen }, shape);
}

interface Found {
  readonly image: PreparedImage;
  readonly bytes: Uint8Array;
  readonly explanation: Explanation;
  readonly found: LayerNeurons;
  readonly seconds: number;
}

async function find(plan: ExplainPlan, asked: NeuronFlags, io: Io): Promise<Found> {
  const { flags, images, model, preparing, layer, layout } = plan;
  const { samples, sigma, seed, numerator, prune, method: methods } = flags;
  const [file] = images;
  const bytes = file.read();
  const image = await prepareImage(file, bytes, { ...preparing, signal: io.signal });
  const multiplyAdds = model.layers.reduce((sum, each) => sum + each.multiplyAdds, 0);
  const onPlan = createAnnouncer(io, { count: passesFor(plan, flags), multiplyAdds })(1);
  const progress = createProgress(io);
  const started = performance.now();
  try {
    const [explanation] = await explainAsked(plan, image, {
      ...{ layer, layout, methods, samples, sigma, seed, numerator, prune, onPlan, signal: io.signal },
      derivatives: 'all',
      onProgress: (share) => progress.update(share, basename(file.path)),
    });
    const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
    const found = neurons(explanation, { model, maps: asked.maps, by: asked.by, each: asked.each });
    return { image, bytes, explanation, found, seconds };
  } finally {
    progress.stop();
  }
}

function manifestOf(
  plan: ExplainPlan,
  asked: NeuronFlags,
  { image, bytes, explanation, found, seconds }: Found,
) {
  const { choice, flags } = plan;
  return {
    jetgrad: packageVersion(),
    image: image.path,
    ...explanation.manifest(),
    atlas: {
      method: found.method,
      maps: asked.maps,
      by: asked.by,
      each: asked.each,
      shown: found.maps.map(({ k }) => k),
    },
    preprocessing: { name: choice.preprocessName, ...choice.preprocessing, seen: image.crop },
    files: outputs.slice(0, -1),
    ...computeFacts(),
    seconds,
    model: { file: flags.model, name: plan.model.name },
    sha256: { image: sha256Of(bytes) },
  };
}

function printMaps(io: Io, { maps, logScale, method, layer }: LayerNeurons): void {
  const rows = maps.map(({ k, weight, share, neurons: [first] }) => [
    String(k),
    scaledText(weight, logScale),
    percent(share),
    first === undefined ? '' : `${first.y},${first.x}`,
    first === undefined ? '' : percent(first.share),
  ]);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const columns = [right('map'), right('w'), right('share'), right('strongest'), right('share')];
  io.print('');
  io.print(io.colors.dim(`maps of ${layer}, w of ${method}; share of Σ|w·A|`));
  for (const line of formatTable(columns, rows).split('\n')) io.print(line);
}

async function write(
  stage: Stage,
  { plan, asked, all }: { plan: ExplainPlan; asked: NeuronFlags; all: Found },
  io: Io,
) {
  const { image, explanation, found } = all;
  const svg = drawAtlas(found, { explanation, image, model: plan.model.name });
  await rest(io.signal);
  stage.write(PNG, await renderSvg(svg, ZOOM));
  await rest(io.signal);
  stage.write(SVG, svg);
  stage.write(JSON_FILE, neuronsJson(found, explanation, image));
  stage.write(CSV, neuronsCsv(found, image));
  stage.write(MANIFEST, `${JSON.stringify(manifestOf(plan, asked, all), null, 2)}\n`);
}

/** `jetgrad neurons`: the atlas of a layer for one picture and one class. */
export async function runNeurons(
  path: string,
  { flags: asked, given }: { readonly flags: NeuronFlags; readonly given: readonly string[] },
  io: Io,
): Promise<void> {
  const plan = await planExplain([path], { flags: asExplained(asked), given }, io.signal);
  checkAsked(plan, asked);
  const { choice, note, asking, flags } = plan;
  checkOutputs(asked.out, outputs, [...pathsRead(choice.files, flags), ...asking.files.keys(), path]);
  const isRead = (name: string) =>
    name !== 'maps' && (name !== 'score' || typeof asking.options.score !== 'object');
  const unused = unusedOptions(given.filter(isRead), flags.method);
  for (const doubt of [choice.warning, unused, note]) if (doubt !== undefined) io.warn(doubt);
  for (const each of choice.notes) io.note(each);
  await staged(asked.out, async (stage) => {
    const all = await find(plan, asked, io);
    await write(stage, { plan, asked, all }, io);
    printImage(io, path, { shown: [all.explanation.manifest() as unknown as Shown], plan });
    printMaps(io, all.found);
  });
  for (const output of outputs) io.print(`${io.colors.dim('written'.padEnd(9))}  ${join(asked.out, output)}`);
}
