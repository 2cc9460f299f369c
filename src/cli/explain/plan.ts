import type { Layout } from '../../autodiff/places/layout.ts';
import type { BoxLayoutName } from '../../cam/boxes/layouts.ts';
import type { ClassChoice, ClassWanted } from '../../cam/contrast.ts';
import { layerLayout } from '../../cam/layerLayout.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodNames, methodOf } from '../../cam/more/methodTable.ts';
import { parseSelection } from '../../cam/parseSelection.ts';
import { questionOf } from '../../cam/question.ts';
import { chooseEntries, type Selection } from '../../cam/select.ts';
import { inputSizeOf } from '../../image/inputSizeOf.ts';
import { ownSides, type Sides } from '../../model/fitInput.ts';
import { mapShape } from '../../model/graph/layout.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import type { Model } from '../../model/model.ts';
import type { Split } from '../../model/split.ts';
import { type Figure, type Format, figureOf } from '../../node/explanation/figure.ts';
import { fieldsOf } from '../../node/explanation/scene.ts';
import { pictureSize } from '../../node/pictures/pictureSize.ts';
import { readInputFile, STDIN } from '../../node/readInputFile.ts';
import { rest } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Shape } from '../../tensor/shape.ts';
import { type Asking, askingOf } from '../shared/asking.ts';
import { chooseClasses } from '../shared/chooseClasses.ts';
import { findLayer } from '../shared/findLayer.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { classesBy, classesOf, type ModelChoice, type ModelFlags, openModel } from '../shared/openModel.ts';
import { chooseDifferences } from './differences.ts';
import { checkComparedFlags, checkFigureFlags, type FigureFlags, figureAsked } from './figureOptions.ts';
import { type LayoutFlags, layoutOfFlags } from './layoutOptions.ts';
import { checkImages, type ImageFile, type Preparing } from './prepareImages.ts';

/** The flags of `explain`, read. */
export interface ExplainFlags extends LimitFlags, ModelFlags, FigureFlags, LayoutFlags {
  readonly model: string;
  readonly layer?: string;
  readonly output?: string;
  readonly boxes?: BoxLayoutName;
  readonly mask?: string;
  readonly class?: readonly string[];
  readonly method: readonly MethodName[];
  readonly score: string;
  readonly samples: number;
  readonly sigma: number | 'auto';
  readonly seed: number;
  readonly numerator: 'second' | 'first';
  readonly prune: number;
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
  /** With what was left open settled. */
  readonly flags: ExplainFlags;
  /** Why what was left open was settled so, where that is not as usual. */
  readonly note?: string;
  readonly choice: ModelChoice;
  readonly model: Model;
  /** What is asked of its outputs. */
  readonly asking: Asking;
  /** The tensors that the answer is read from. */
  readonly outputs: readonly string[];
  /** Undefined where each picture has its own: that of its box. */
  readonly layer: string | undefined;
  readonly layout: Layout | undefined;
  /** Of the layer, [K, H, W]; undefined where it is only known once it runs. */
  readonly shape: Shape | undefined;
  readonly select: Selection | undefined;
  /** The predicted class where undefined. */
  readonly classes: ClassChoice<ClassWanted> | undefined;
  /** How files are written. */
  readonly figure: Figure;
  readonly images: readonly ImageFile[];
  readonly preparing: Preparing;
  /** Receptive fields of selected neurons, in pixels of the input. */
  readonly fields: readonly Box[];
}

type Layered = Pick<ExplainPlan, 'layer' | 'layout' | 'shape' | 'outputs'> & Pick<Split, 'isSigned'>;

function checkLayer(model: Model, flags: ExplainFlags, { boxes, options }: Asking): Layered {
  const given = layoutOfFlags(flags);
  // The output of a box is known once the picture is seen, and with it the default layer.
  if (boxes !== undefined && flags.layer === undefined) {
    return { layer: undefined, layout: given, isSigned: false, shape: undefined, outputs: [] };
  }
  const outputs =
    boxes === undefined ? questionOf(model, options).outputs : model.outputs.map(({ name }) => name);
  const split = model.split(findLayer(model, flags.layer, outputs), { outputs });
  const { layer, shape, isSigned } = split;
  const layout = layerLayout(split, given);
  return { layer, layout, isSigned, shape: shape && mapShape(layout, shape), outputs };
}

/** What an expression is explained by unless methods are named: the ++ methods want a score with curvature, which few have. */
const gradientMethods: readonly MethodName[] = ['gradcam', 'layercam'];

/** Of all methods those that can explain a network; those that were named stay, and say why they cannot. */
function fitting(model: Model, methods: readonly MethodName[]): readonly MethodName[] {
  if (methods.length < methodNames.length) return methods;
  return methods.filter((name) => {
    const row = methodOf(name);
    return row.of !== 'network' || row.unfit?.(model) === undefined;
  });
}

/** The methods where none are named: on a signed layer those alone that α is no part of, and of an expression. */
function settle(
  flags: ExplainFlags,
  { layer, isSigned, asking }: Layered & { readonly asking: Asking },
  isNamed: boolean,
): Pick<ExplainPlan, 'flags' | 'note'> {
  if (isNamed || flags.difference !== undefined) return { flags };
  if (typeof asking.options.score === 'object') return { flags: { ...flags, method: gradientMethods } };
  if (!isSigned) return { flags };
  return {
    flags: { ...flags, method: ['gradcam'] },
    note: `${layer} has values on either side of 0, where α of Grad-CAM++ meets its pole: Grad-CAM alone is drawn; --method all draws the others, with their counts`,
  };
}

/** Sides for a network that leaves them open: those asked for, else those of the first picture. */
function sidesFor([first]: readonly string[], { size }: ExplainFlags): Sides | undefined {
  if (typeof size === 'object') return { height: size[0], width: size[1] };
  if (first === undefined || first === STDIN) return undefined;
  const [width, height] = pictureSize(readInputFile(first)) ?? [];
  return width === undefined || height === undefined
    ? undefined
    : { ...ownSides({ height, width }), isOwn: true };
}

/** @throws InputError for whatever of it cannot be used. */
export async function planExplain(
  paths: readonly string[],
  { flags: asked, given }: { readonly flags: ExplainFlags; readonly given: readonly string[] },
  signal?: AbortSignal,
): Promise<ExplainPlan> {
  checkFigureFlags(asked);
  const select = parseSelection({ maps: asked.maps, region: asked.region, neurons: asked.neuron });
  const choice = await openModel(asked.model, asked, sidesFor(paths, asked));
  const { model, preprocessing } = choice;
  if (model.inputs.length > 1) {
    const names = model.inputs.map(({ name }) => name).join(', ');
    throw new InputError(`Cannot explain ${model.name}: it takes ${names}, one picture is all there is`);
  }
  await rest(signal);
  const asking = askingOf(model, asked);
  const layered = checkLayer(model, asked, asking);
  const { layer, layout, shape, outputs } = layered;
  const { flags, ...noted } = settle(
    { ...asked, method: fitting(model, asked.method) },
    { ...layered, asking },
    given.includes('method'),
  );
  if (shape !== undefined) chooseEntries(select, shape);
  const known =
    asking.options.question || asking.boxes
      ? classesBy(model, model.labels?.length)
      : classesOf(model, flags.output);
  const classes = asking.classes && chooseClasses(asking.classes, known);
  checkComparedFlags(flags, classes === undefined ? 1 : 'top' in classes ? classes.top : classes.length);
  const differences = chooseDifferences(flags.difference, { methods: flags.method, classes, known });
  const figure = figureOf(figureAsked(flags, differences));
  const fields = fieldsOf(model, layer, select);
  const preparing = { preprocessing, size: inputSizeOf(model), maxPixels: flags.maxPixels };
  const images = await checkImages(paths, preparing, signal);
  const found = { choice, model, asking, outputs, layer, layout, shape, select, classes, figure };
  return { ...found, ...noted, flags, images, preparing, fields };
}
