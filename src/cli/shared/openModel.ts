import type { Classes } from '../../cam/matchClass.ts';
import { assumedPreprocessing } from '../../image/assumedPreprocessing.ts';
import { inputSizeOf } from '../../image/inputSizeOf.ts';
import { presetFor, presetNames } from '../../image/preprocess.ts';
import type { ModelData, Preprocessing } from '../../model/data/format.ts';
import { parsePreprocessing } from '../../model/file/parsePreprocessing.ts';
import { checkAlone, type FittedModel, fitInput, type Sides } from '../../model/fitInput.ts';
import type { Model } from '../../model/model.ts';
import { classCount, modelOf, type NamedModelOptions } from '../../model/modelOf.ts';
import { readSmallJson } from '../../node/readInputFile.ts';
import { readLabels } from '../../node/readLabels.ts';
import { readModelData } from '../../node/readModelData.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import type { LimitFlags } from './limitOptions.ts';
import { type PreprocessFlags, saidOf, withFlags } from './modelOptions.ts';

/** What --labels, --preprocess and --max-memory said. */
export interface ModelFlags extends Pick<LimitFlags, 'maxMemory'>, PreprocessFlags {
  readonly labels?: string | undefined;
}

/** The preprocessing that --preprocess means. @throws InputError for an unknown name or an unusable file. */
function readPreprocessing(text: string, data: Pick<ModelData, 'name' | 'inputs'>): Preprocessing {
  const preset = presetNames.find((name) => name === text);
  if (preset !== undefined) return presetFor(preset, inputSizeOf(data));
  if (/\.json$/i.test(text)) return parsePreprocessing(readSmallJson(text), text);
  throw new InputError(
    `Cannot use --preprocess "${text}": it must be ${presetNames.join(', ')} or a .json file${didYouMean(text, presetNames)}`,
  );
}

/** What the flags say in place of what the model says; undefined where they say nothing. */
function preprocessingBy(flags: PreprocessFlags, data: ModelData): Preprocessing | undefined {
  const named = flags.preprocess === undefined ? undefined : readPreprocessing(flags.preprocess, data);
  const names = Object.keys(saidOf(flags));
  if (names.length === 0) return named;
  const base =
    named ?? data.inputs[0]?.preprocessing ?? assumedPreprocessing(data, inputSizeOf(data)).preprocessing;
  return parsePreprocessing(withFlags(base, flags), names.map((name) => `--${name}`).join(', '));
}

/** A file that was read, as it was then. */
export interface ReadFile {
  /** What it is called in the folder of the model. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last written, in milliseconds. */
  readonly modified: number;
}

/** A model file as data, what the flags say in place of what the file says, and the files that the model is read from. */
export async function readModelWith(
  path: string,
  { labels, maxMemory, ...preparing }: ModelFlags,
  fit: (data: ModelData) => ModelData = (data) => data,
): Promise<{ data: ModelData; options: NamedModelOptions; files: ReadFile[] }> {
  const files: ReadFile[] = [];
  const read = await readModelData(path, {
    onOpen: ({ path, size, modified }, name) => files.push({ name, path, size, modified }),
  });
  const data = fit(read);
  const options = {
    maxMemory,
    labels: labels === undefined ? undefined : readLabels(labels),
    preprocessing: preprocessingBy(preparing, data),
  };
  return { data, options, files };
}

/** The files that a command reads: those of the model, and those that flags name. */
export function pathsRead(files: readonly ReadFile[], { labels, preprocess }: ModelFlags): string[] {
  return [...files.map(({ path }) => path), ...[labels, preprocess].filter((path) => path !== undefined)];
}

/** How pictures become a model's input. */
export interface PreprocessingChoice {
  readonly preprocessing: Preprocessing;
  /** Where the preprocessing is from: a preset's name, a file, or `model`. */
  readonly preprocessName: string;
  /** Set where it was guessed. */
  readonly warning?: string;
}

export interface ModelChoice extends PreprocessingChoice {
  readonly model: Model;
  /** What was changed of it, to be told. */
  readonly notes: readonly string[];
  /** The files that it was read from. */
  readonly files: readonly ReadFile[];
}

/** What the model or the flags say, else a guess with its warning. @throws InputError where the first input is no picture. */
export function preprocessingOf(model: Model, flags: PreprocessFlags): PreprocessingChoice {
  const given = model.inputs[0]?.preprocessing;
  const said = Object.keys(saidOf(flags)).map((name) => `--${name}`);
  const from = [...(flags.preprocess === undefined ? [] : [flags.preprocess]), ...said].join(' ');
  if (given !== undefined) return { preprocessing: given, preprocessName: from === '' ? 'model' : from };
  const { name, preprocessing, scalesItself } = assumedPreprocessing(model.data, inputSizeOf(model));
  const itself = scalesItself ? ', and scales them itself' : '';
  return {
    preprocessing,
    preprocessName: name,
    warning: `${model.name} does not say how pictures are prepared${itself}: ${name} is assumed; give --preprocess`,
  };
}

/** Opens a model to explain pictures of such sides with, one at a time. @throws InputError, UnsupportedOperationError */
export async function openModel(path: string, flags: ModelFlags, sides?: Sides): Promise<ModelChoice> {
  let fitted: FittedModel | undefined;
  const { data, options, files } = await readModelWith(path, flags, (read) => {
    fitted = fitInput(read, sides);
    return fitted.data;
  });
  const model = modelOf(data, options);
  if (fitted !== undefined && fitted.batch > 1) {
    await checkAlone(modelOf(fitted.whole, options), model, fitted.batch);
  }
  return { model, files, notes: fitted?.notes ?? [], ...preprocessingOf(model, flags) };
}

/** The classes that a command may be asked for; so many of them as is known. */
export const classesBy = ({ labels }: Pick<Model, 'labels'>, count: number | undefined): Classes => ({
  ...{ labels, count },
  labelsBy: 'labels by --labels FILE',
});

export const classesOf = (model: Model, output?: string): Classes =>
  classesBy(model, classCount(model, output));
