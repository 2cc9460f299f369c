import type { ClassChoice } from '../../cam/explain.ts';
import type { MethodName } from '../../cam/methods.ts';
import { parseSelection } from '../../cam/parseSelection.ts';
import type { NamedScore } from '../../cam/score.ts';
import { chooseEntries, type Selection } from '../../cam/select.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import type { Model } from '../../model/model.ts';
import { rest } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatShape, type Shape } from '../../tensor/shape.ts';
import { chooseClasses } from '../shared/chooseClasses.ts';
import { findLayer } from '../shared/findLayer.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { classesOf, inputSizeOf, type ModelChoice, type ModelFlags, openModel } from '../shared/openModel.ts';
import { chooseDifferences, type Differences } from './differences.ts';
import { checkCompared, checkFigureFlags, type FigureFlags } from './figureOptions.ts';
import type { Format } from './outputNames.ts';
import { checkImages, type ImageFile, type Preparing } from './prepareImages.ts';

/** The flags of `explain`, read. */
export interface ExplainFlags extends LimitFlags, ModelFlags, FigureFlags {
  readonly model: string;
  readonly layer?: string;
  readonly class?: readonly string[];
  readonly method: readonly MethodName[];
  readonly score: NamedScore;
  readonly samples: number;
  readonly sigma: number | 'auto';
  readonly seed: number;
  readonly numerator: 'second' | 'first';
  readonly maps?: string;
  readonly neuron?: readonly string[];
  readonly region?: string;
  readonly out: string;
  readonly format: readonly Format[];
  /** Explains anew what is there already. */
  readonly fresh?: boolean;
  readonly quiet?: boolean;
}

/** Everything that `explain` was asked, read and checked, before anything is computed. */
export interface ExplainPlan {
  readonly choice: ModelChoice;
  readonly model: Model;
  readonly layer: string;
  /** Of the layer, [K, H, W]; undefined where it is only known once it runs. */
  readonly shape: Shape | undefined;
  readonly select: Selection | undefined;
  /** The predicted class where undefined. */
  readonly classes: ClassChoice | undefined;
  readonly differences: Differences;
  readonly images: readonly ImageFile[];
  readonly preparing: Preparing;
  /** Receptive fields of selected neurons, in pixels of the input. */
  readonly fields: readonly Box[];
}

function checkLayer(model: Model, flag: string | undefined): Pick<ExplainPlan, 'layer' | 'shape'> {
  const { layer, shape } = model.split(findLayer(model, flag));
  if (shape === undefined || shape.length === 4) return { layer, shape: shape?.slice(1) };
  throw new InputError(
    `Cannot explain the layer ${layer}: feature maps [1, K, H, W] are wanted, it gives ${formatShape(shape)}; see inspect`,
  );
}

function receptiveFields(model: Model, layer: string, neurons: Selection['neurons'] = []): Box[] {
  const cells = new Map(neurons.map(({ y, x }) => [`${y},${x}`, { y0: y, x0: x, y1: y + 1, x1: x + 1 }]));
  return [...cells.values()].map((cell) => model.receptiveField(layer, cell));
}

/** @throws InputError for whatever of it cannot be used. */
export async function planExplain(
  paths: readonly string[],
  flags: ExplainFlags,
  signal?: AbortSignal,
): Promise<ExplainPlan> {
  checkFigureFlags(flags);
  const select = parseSelection({ maps: flags.maps, region: flags.region, neurons: flags.neuron });
  const choice = await openModel(flags.model, flags);
  const { model, preprocessing } = choice;
  if (model.inputs.length > 1) {
    const names = model.inputs.map(({ name }) => name).join(', ');
    throw new InputError(`Cannot explain ${model.name}: it takes ${names}, one picture is all there is`);
  }
  await rest(signal);
  const { layer, shape } = checkLayer(model, flags.layer);
  if (shape !== undefined) chooseEntries(select, shape);
  const known = classesOf(model);
  const classes = flags.class && chooseClasses(flags.class, known);
  checkCompared(flags, classes === undefined ? 1 : 'top' in classes ? classes.top : classes.length);
  const differences = chooseDifferences(flags.difference, { methods: flags.method, classes, known });
  const fields = receptiveFields(model, layer, select?.neurons);
  const preparing = { preprocessing, size: inputSizeOf(model), maxPixels: flags.maxPixels };
  const images = await checkImages(paths, preparing, signal);
  return { choice, model, layer, shape, select, classes, differences, images, preparing, fields };
}
