import { layersWith, type OperatorRow } from '../../layers/defineOperator.ts';
import type { Layer } from '../../layers/layer.ts';
import { type Attributes, type ElementType, typeNumbers } from '../../layers/types.ts';
import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { checkOptions, wantRecord } from '../../tensor/options.ts';
import { castTo, type TensorLike, toTensor } from '../../tensor/tensor.ts';
import { type FactName, factChecks } from './facts.ts';
import { type Checked, evaluateSample, type Sample, wrongEntry } from './sample.ts';

/** An operator at the inputs of a node. */
export interface OperatorSample {
  /** One for each input, undefined where it is left out. */
  readonly inputs: readonly (TensorLike | undefined)[];
  /** Their ONNX element types; float32 unless given. */
  readonly types?: readonly (ElementType | undefined)[] | undefined;
  readonly attributes?: Attributes | undefined;
  /** The true outputs, as another library or a closed form gives them. */
  readonly outputs?: readonly TensorLike[] | undefined;
}

/** How strictly an operator is checked. */
export interface OperatorCheckOptions {
  /** What is allowed of the error of an output, relative to an entry, or absolute below 1: 1e-6 unless given. */
  readonly tolerance?: number | undefined;
}

/** What `checkOperator` found. */
export interface OperatorCheck {
  /** Whether nothing is wrong. */
  readonly ok: boolean;
  /** What is wrong, a sentence each, with the place of its sample. */
  readonly wrong: readonly string[];
  /** What some sample showed to hold or not; of the rest nothing is known. */
  readonly checked: readonly ('outputs' | FactName)[];
}

const ACTION = 'check the operator';
/** What the operator is called while it is checked. */
const NAME = 'jetgrad.Checked';
const OPSET = 21;

function readSample(given: OperatorSample, place: number, [least, most]: Layer['inputs']): Sample {
  const action = `${ACTION} at sample ${place}`;
  wantRecord(given, 'a sample', action);
  checkOptions(given, { inputs: 'list', types: 'list', attributes: 'record', outputs: 'list' }, action);
  const { inputs, types = [], attributes = {} } = given;
  if (!Array.isArray(inputs))
    throw new InputError(`Cannot ${action}: inputs must be a list of tensors, got ${describe(inputs)}`);
  if (inputs.length < least || inputs.length > most)
    throw new InputError(
      `Cannot ${action}: the row takes ${least === most ? least : `${least} to ${most}`} inputs, got ${inputs.length}`,
    );
  const unknown = types.find((type) => type !== undefined && !Object.hasOwn(typeNumbers, type));
  if (unknown !== undefined)
    throw new InputError(`Cannot ${action}: there is no element type ${describe(unknown)}`);
  return {
    ...{ op: NAME, opset: OPSET, attributes, outputs: [] },
    inputs: inputs.map((each, i) =>
      each === undefined
        ? undefined
        : { x: castTo(toTensor(each, action), 'float64'), type: types[i] ?? 'float32' },
    ),
  };
}

/** The sample with what the row makes of it, which everything else is held against. */
function evaluated(layers: Checked['layers'], sample: Sample, count: number): Sample {
  const row = layers[NAME];
  row.fits?.(
    sample.inputs.map((input) => input?.x.shape),
    sample.attributes,
  );
  const types = sample.inputs.map((input) => input?.type);
  const outputs = Array.from({ length: count }, () => ({}) as Sample['outputs'][number]);
  const tensors = evaluateSample(layers, { ...sample, outputs });
  const said = row.types?.(types, sample.attributes, count);
  const usual = types.find((type) => type !== undefined) ?? 'float32';
  return { ...sample, outputs: tensors.map((x, i) => ({ x, type: said?.[i] ?? said?.[0] ?? usual })) };
}

function wrongOutputs({ outputs }: Sample, wanted: readonly TensorLike[], tolerance: number): string[] {
  return wanted.flatMap((each, i) => {
    const limits = { relative: tolerance, absolute: tolerance };
    const wrong = wrongEntry(outputs[i]?.x, toTensor(each, ACTION), limits);
    return wrong === undefined ? [] : [`output ${i}: ${wrong}`];
  });
}

/**
 * Holds an operator of one's own against what it does at samples, as jetgrad's own operators are held: its outputs against the true ones,
 * where they are given; in every input forward mode, reverse mode and jets up to order 3 against one another and against differences;
 * and what it says of itself, as far as a run shows it: `images`, `steeredFrom`, `sees: 'cell'`, `affine`, `gates`, `moves`. A batch is made of
 * the samples, too. A sample at a kink is moved aside. Cost: some hundred runs of each sample; give small ones.
 * @returns What is wrong, in words, and what the samples showed: a fact that is in neither was not to be seen at them.
 * @throws InputError for a row that says too little, and for samples that are none.
 * @example
 * const row = {
 *   inputs: [1, 1],
 *   images: 'apart',
 *   steeredFrom: Number.POSITIVE_INFINITY,
 *   sees: 'cell',
 *   evaluate: ([x]: readonly [Tensor, ...unknown[]]) => mul(x, sigmoid(x)),
 * } as const;
 * checkOperator(row, [{ inputs: [[-1, 0, 2]], outputs: [[-0.26894142137, 0, 1.76159415596]] }]).ok // true
 * checkOperator({ ...row, affine: 'jointly' }, [{ inputs: [[-1, 0, 2]] }]).wrong.length // 1
 */
export function checkOperator<const L extends number>(
  row: OperatorRow<L> | Layer,
  samples: readonly OperatorSample[],
  options?: OperatorCheckOptions,
): OperatorCheck {
  checkOptions(options, { tolerance: 'number' }, ACTION);
  const { tolerance = 1e-6 } = options ?? {};
  if (!Array.isArray(samples) || samples.length === 0)
    throw new InputError(`Cannot ${ACTION}: one sample at least is wanted, such as { inputs: [[1, 2]] }`);
  const layers = layersWith({ [NAME]: row as OperatorRow });
  const layer = layers[NAME];
  const wrong: string[] = [];
  const checked = new Set<'outputs' | FactName>();
  for (const [place, given] of samples.entries()) {
    const read = readSample(given, place, layer.inputs);
    const tell = (what: 'outputs' | FactName, found: readonly string[] | undefined) => {
      if (found === undefined) return;
      checked.add(what);
      for (const each of found) wrong.push(`sample ${place}: ${each}`);
    };
    try {
      const sample = evaluated(layers, read, given.outputs?.length ?? layer.outputs ?? 1);
      if (given.outputs !== undefined) tell('outputs', wrongOutputs(sample, given.outputs, tolerance));
      for (const name of Object.keys(factChecks) as FactName[])
        tell(name, factChecks[name]({ row: layer, layers, sample }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      wrong.push(`sample ${place}: it is refused: ${error.message}`);
    }
  }
  return { ok: wrong.length === 0, wrong, checked: [...checked] };
}
