import { basename, join, resolve } from 'node:path';
import type { Explanation } from '../../cam/explanation.ts';
import { pairOfExplanation } from '../../cam/pairText.ts';
import type { Picture } from '../../image/picture.ts';
import { preprocess } from '../../image/preprocess.ts';
import { pictureSizeOf, preprocessingFor } from '../../image/preprocessFor.ts';
import { wantPicture } from '../../image/wanted.ts';
import { backend } from '../../tensor/kernels/backend.ts';
import { contiguous } from '../../tensor/tensor.ts';
import { checkOutputs } from '../checkOutputs.ts';
import { sha256Of } from '../digestBytes.ts';
import { inTurn } from '../inTurn.ts';
import { packageVersion } from '../ownPackage.ts';
import { decodePicture } from '../pictures/decodePicture.ts';
import { readInputFile } from '../readInputFile.ts';
import { openStageAlone } from '../stage.ts';
import { wantPath } from '../wantPath.ts';
import type { Figure } from './figure.ts';
import { checkForeign } from './foreignFiles.ts';
import { isThere } from './keptEntries.ts';
import { openLedger } from './ledger.ts';
import { MANIFEST } from './manifestText.ts';
import { explanationFiles, explanationName, imageName, pictureFiles } from './outputNames.ts';
import {
  ACTION,
  checkName,
  explanationsOf,
  figureAskedBy,
  type SaveExplanationOptions,
} from './saveOptions.ts';
import { fieldsOf, openScene, type Scene } from './scene.ts';
import { selectionText } from './selectionText.ts';
import { commitEntries, filesIn, type Source, writeEntries } from './writeEntries.ts';

type PictureFacts = Pick<Source, 'image' | 'name' | 'isNamed' | 'sha256'> & { readonly picture: Picture };

/** The picture of a file, or one that is given, by its name. */
function readPicture({ image, name: given }: SaveExplanationOptions): PictureFacts {
  if (typeof image !== 'string') {
    wantPicture(image, ACTION);
    const name = checkName(given);
    const sides = `${image.width} ${image.height} `;
    const sha256 = sha256Of([Buffer.from(sides), image.data as Uint8Array]);
    return { image: name, name, isNamed: name !== imageName(name), sha256, picture: image };
  }
  const bytes = readInputFile(wantPath(image, ACTION));
  const own = imageName(image);
  const name = checkName(given ?? own);
  return {
    image,
    name,
    isNamed: name !== own,
    sha256: sha256Of(bytes),
    picture: decodePicture(bytes, image),
  };
}

/** What is asked about, short. */
function placeFacts({ place }: Explanation): unknown {
  if (place?.kind !== 'pixels') return place;
  const { data, shape } = contiguous(place.mask);
  return [shape, sha256Of([Uint8Array.from(data)])];
}

/** What the files depend on, short: the same text stands for the same files. */
function runOf(
  explanations: readonly Explanation[],
  figure: Figure,
  { model, preprocessing }: { readonly model: string; readonly preprocessing: object },
): string {
  const found = explanations.map((each) => [pairOfExplanation(each), each.choices, placeFacts(each)]);
  const facts = [packageVersion(), backend().name, model, preprocessing, found, figure];
  return sha256Of(JSON.stringify(facts)).slice(0, 16);
}

/** Names of all files that there may be. */
const namesOf = (explanations: readonly Explanation[], name: string, figure: Figure): string[] => [
  ...explanations.flatMap((each) =>
    explanationFiles(explanationNameOf(each, name), { methods: each.choices.methods, figure }),
  ),
  ...pictureFiles(name, { methods: explanations[0].choices.methods, figure }),
  MANIFEST,
];

const explanationNameOf = (explanation: Explanation, name: string): string =>
  explanationName(name, pairOfExplanation(explanation), explanation.isAskedFor);

interface Task {
  readonly explanations: readonly Explanation[];
  readonly source: Source;
  readonly scene: Scene;
  readonly names: readonly string[];
  readonly options: SaveExplanationOptions;
}

/** Writes into a folder that nobody else is writing to. */
async function save(
  folder: string,
  { explanations, source, scene, names, options }: Task,
): Promise<string[]> {
  const { signal } = options;
  const stage = await openStageAlone(folder, { onWait() {}, signal });
  try {
    if (options.replace !== true) checkForeign(folder, names);
    const head = { jetgrad: packageVersion(), run: source.run, model: source.model, warnings: [] };
    const ledger = openLedger(folder, { stage, head });
    try {
      const nameOf = (each: Explanation) => explanationNameOf(each, source.name);
      const entries = await writeEntries(explanations, source, { scene, stage, signal, nameOf });
      commitEntries(entries, { stage, ledger });
      ledger.finish([source.name], (each) => isThere(each, folder));
      return [...filesIn(entries), MANIFEST].map((name) => join(folder, name));
    } finally {
      ledger.close();
    }
  } finally {
    stage.close();
  }
}

/**
 * Writes an explanation, or those of several classes of one picture, as `jetgrad explain` does: overlays and a panel as PNG files, and by
 * `format` panels as SVG, arrays as .npy and as JSON, and what was chosen and found in manifest.json, which keeps what it says of other
 * pictures. The names begin with the picture's, and have the class where it was asked for: photo.gradcam.png, photo.c242.gradcam.png.
 * Folders are made. The files appear together or not at all, the manifest last; where another call or process writes to the folder it
 * is waited for. Files of earlier explanations are replaced, any other file only by `replace`.
 * Cost: the manifest is read and written each time; the derivatives that no method read are taken for arrays.
 * @returns Paths of the files written.
 * @throws InputError for what is no explanation, an option that would change nothing, or a file that is not to be replaced.
 * @example
 * const model = await loadModel(bundled.model);
 * const { input } = preprocessFor(model, await loadPicture(bundled.picture));
 * const explanation = await explain(model, input, { methods: ['gradcam'] });
 * const options = { model, image: bundled.picture, format: ['png', 'npy'] } as const;
 * const files = await saveExplanation('jetgrad-out/saved', explanation, options);
 * files[0] // 'jetgrad-out/saved/sample.gradcam.png'
 */
export async function saveExplanation(
  folder: string,
  explanation: Explanation | readonly Explanation[],
  options: SaveExplanationOptions,
): Promise<string[]> {
  const out = wantPath(folder, `${ACTION} in a folder`);
  const explanations = explanationsOf(explanation);
  const figure = figureAskedBy(options, explanations);
  const { model } = options;
  const { picture, ...facts } = readPicture(options);
  const size = pictureSizeOf(model);
  const { preprocessing, name: preprocessName } = preprocessingFor(model, size, options.preprocessing);
  const { choices, layer } = explanations[0];
  const { select } = choices;
  const scene = openScene(
    { picture, ...preprocess(picture, preprocessing, size) },
    {
      ...{ name: basename(facts.image), preprocessing, figure },
      ...{ fields: fieldsOf(model, layer, select), region: select?.region, selection: selectionText(select) },
    },
  );
  const run = runOf(explanations, figure, { model: model.name, preprocessing });
  const source = { ...facts, preprocessName, run, model: { name: model.name } };
  const names = namesOf(explanations, facts.name, figure);
  checkOutputs(out, names, typeof options.image === 'string' ? [options.image] : []);
  return inTurn(resolve(out), () => save(out, { explanations, source, scene, names, options }));
}
