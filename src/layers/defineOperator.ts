import { concrete } from '../autodiff/trace.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, type OptionKinds, wantRecord } from '../tensor/options.ts';
import { castTo, type Tensor, toTensor } from '../tensor/tensor.ts';
import { layerOf, layers } from './index.ts';
import type { AttributeKind, Facts, Layer, LayerContext, Layers } from './layer.ts';
import { type GraphAttribute, isFloat, type TensorAttribute } from './types.ts';

/** What an attribute of each kind is. */
export interface AttributeTypes {
  readonly int: number;
  readonly ints: readonly number[];
  readonly float: number;
  readonly floats: readonly number[];
  readonly text: string;
  readonly texts: readonly string[];
  readonly tensor: TensorAttribute;
  readonly graph: GraphAttribute;
}

/** Inputs of which the first L are there. */
export type OperatorInputs<L extends number, Certain extends Tensor[] = []> = number extends L
  ? readonly (Tensor | undefined)[]
  : Certain['length'] extends L
    ? readonly [...Certain, ...(Tensor | undefined)[]]
    : OperatorInputs<L, [...Certain, Tensor]>;

/** Attributes by name, those that a node leaves out undefined. */
export type OperatorAttributes<A extends Readonly<Record<string, AttributeKind>>> = {
  readonly [name in keyof A]?: AttributeTypes[A[name]] | undefined;
};

/**
 * What is said of an operator of one's own. `images`, `steeredFrom` and `sees` no run of it shows: what is wrong there are numbers, without a word.
 */
export interface OperatorRow<
  L extends number = number,
  A extends Readonly<Record<string, AttributeKind>> = Readonly<Record<string, AttributeKind>>,
> extends Facts,
    Pick<
      Layer,
      | 'outputs'
      | 'fits'
      | 'affine'
      | 'gates'
      | 'moves'
      | 'pools'
      | 'keepsClassMap'
      | 'ending'
      | 'readsShapes'
      | 'types'
    > {
  /** How many inputs it takes; those that are always needed come first. */
  readonly inputs: readonly [least: L, most: number];
  /** What its attributes hold, of those that it looks at. */
  readonly attributes?: A;
  /** Its outputs, by differentiable operations of jetgrad, so that every mode of differentiation runs through it. */
  evaluate(
    inputs: OperatorInputs<L>,
    attributes: OperatorAttributes<A>,
    context: LayerContext,
  ): Tensor | readonly Tensor[];
}

const fieldKinds = {
  inputs: 'numbers',
  outputs: 'count',
  attributes: 'record',
  images: ['text', 'function'],
  steeredFrom: 'number',
  sees: 'text',
  fits: 'function',
  affine: ['text', 'function'],
  gates: 'boolean',
  moves: 'text',
  pools: 'boolean',
  keepsClassMap: 'boolean',
  ending: 'text',
  readsShapes: 'boolean',
  evaluate: 'function',
  types: 'function',
} as const satisfies OptionKinds & Record<keyof OperatorRow, OptionKinds[string]>;

const attributeKinds: readonly unknown[] = [
  'int',
  'ints',
  'float',
  'floats',
  'text',
  'texts',
  'tensor',
  'graph',
];
const isOneOf =
  (...words: readonly unknown[]) =>
  (value: unknown) =>
    words.includes(value) || typeof value === 'function';
const isCount = (value: unknown) =>
  value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0);

/** What fields must be, beside their kind; those that have to be there, and why nobody can fill them in. */
const fieldRules: Readonly<Record<string, readonly [fits: (value: unknown) => boolean, wanted: string]>> = {
  inputs: [
    (value) => Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] <= value[1],
    'say how many inputs it takes: [least, most]',
  ],
  images: [
    isOneOf('apart'),
    "say whether images of a batch stay apart along axis 0: 'apart', or a function of the node that gives true or false",
  ],
  steeredFrom: [
    isCount,
    'name the first input whose values decide the shape of the result: its place from 0, or Infinity where none does',
  ],
  sees: [
    (value) => value === 'cell' || value === 'window' || value === 'map',
    "say which cells of the input a cell of the result sees: 'cell', the one in its place, 'window', that of ONNX's window attributes, or 'map', perhaps all",
  ],
  evaluate: [
    (value) => typeof value === 'function',
    'be the function that computes it: (inputs, attributes) => tensor',
  ],
};

const optionalRules: typeof fieldRules = {
  attributes: [
    (value) => Object.values(value as object).every((kind) => attributeKinds.includes(kind)),
    `give each attribute a kind: ${attributeKinds.join(', ')}`,
  ],
  affine: [
    isOneOf('jointly', 'singly', 'first'),
    "be 'jointly', 'singly', 'first' or a function of the node",
  ],
  moves: [isOneOf('renames', 'rearranges'), "be 'renames' or 'rearranges'"],
  ending: [isOneOf('softmax', 'sigmoid'), "be 'softmax' or 'sigmoid'"],
};

function checkRow(row: unknown, action: string): void {
  wantRecord(row, 'the row', action);
  checkOptions(row, fieldKinds, action);
  const given = row as Readonly<Record<string, unknown>>;
  const check = (field: string, [fits, wanted]: (typeof fieldRules)[string]) => {
    if (fits(given[field])) return;
    throw new InputError(`Cannot ${action}: ${field} must ${wanted}; got ${describe(given[field])}`);
  };
  for (const [field, rule] of Object.entries(fieldRules)) check(field, rule);
  for (const [field, rule] of Object.entries(optionalRules))
    if (given[field] !== undefined) check(field, rule);
}

/** What it gives, held against what was promised; constants of another precision make no result of that precision. */
function checkedEvaluate(row: Layer): Layer['evaluate'] {
  return (inputs, attributes, context) => {
    const given = row.evaluate(inputs, attributes, context);
    const outputs = Array.isArray(given) && given.every((each) => typeof each === 'object') ? given : [given];
    const kinds = row.types?.(context.types, attributes, context.outputs);
    return outputs.map((each: Tensor, i) => {
      const y = toTensor(each, `use output ${i} of evaluate`);
      const type =
        kinds?.[i] ?? kinds?.[0] ?? context.types.find((known) => known !== undefined) ?? 'float32';
      return isFloat(type) && concrete(y) === y ? castTo(y, context.precision) : y;
    });
  };
}

/** Rows that are jetgrad's own: its tests hold them, no model checks them again. */
const own = new WeakSet<object>();

/** The rows, as jetgrad's own. */
export function ownRows(rows: Layers): Layers {
  for (const row of Object.values(rows)) own.add(row);
  return rows;
}

/** @throws InputError for a row that does not say all that is needed. */
function operatorOf(row: OperatorRow, action: string): Layer {
  if (typeof row === 'object' && row !== null && own.has(row)) return row as unknown as Layer;
  checkRow(row, action);
  const layer = { ...row } as Layer;
  return { ...layer, evaluate: checkedEvaluate(layer) };
}

/**
 * An ONNX operator of one's own, for models with an operation that jetgrad lacks: a composition of jetgrad's operations, with the facts
 * that the analysis of a network needs. Models take it by the name that its nodes have, `Foo`, or `domain.Foo` (`domain::Foo`, too):
 * `loadModel(path, { operators: { 'ai.custom.Foo': foo } })`. It runs in float32 before the layer and in float64 behind it.
 * What the row does not say is not assumed: an operator without `affine`, say, is taken to be curved, which is never wrong. `checkOperator`
 * holds a row against what it does.
 * @throws InputError for a row that does not say all that is needed, naming the field.
 * @example
 * const halfTanh = defineOperator({
 *   inputs: [1, 1],
 *   attributes: { scale: 'float' },
 *   images: 'apart',
 *   steeredFrom: Number.POSITIVE_INFINITY,
 *   sees: 'cell',
 *   evaluate: ([x], { scale = 0.5 }) => mul(scale, tanh(x)),
 * });
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * const nodes = data.nodes.map((node) => (node.op === 'Relu' ? { ...node, op: 'ai.custom.HalfTanh' } : node));
 * const model = createModel({ ...data, nodes }, { operators: { 'ai.custom.HalfTanh': halfTanh } });
 * const { maps } = await explain(model, zeros(model.inputShape), { methods: ['gradcam'] });
 * maps.gradcam.raw.shape.length // 2: [H, W]
 */
export function defineOperator<
  const L extends number,
  const A extends Readonly<Record<string, AttributeKind>> = Readonly<Record<never, never>>,
>(row: OperatorRow<L, A>): Layer {
  return operatorOf(row as unknown as OperatorRow, 'define an operator');
}

/** jetgrad's operators, and those given. @throws InputError for a row that says too little, and for a name that is taken. */
export function layersWith(operators: Readonly<Record<string, OperatorRow | Layer>> | undefined): Layers {
  if (operators === undefined) return layers;
  const own = Object.entries(operators).map(([name, row]): [string, Layer] => {
    const op = name.replace('::', '.');
    if (layerOf(op) !== undefined)
      throw new InputError(
        `Cannot use the operator ${name} that is given: jetgrad has it; choose another name`,
      );
    return [op, operatorOf(row as OperatorRow, `use the operator ${name} that is given`)];
  });
  return { ...layers, ...Object.fromEntries(own) };
}
