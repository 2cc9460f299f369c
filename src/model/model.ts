import { layersWith } from '../layers/defineOperator.ts';
import type { Layer } from '../layers/layer.ts';
import { driveKinds } from '../tensor/drive.ts';
import { InputError } from '../tensor/errors.ts';
import { memoryBounds } from '../tensor/limits.ts';
import { checkOptions, type OptionKinds, wantNumber, wantRecord } from '../tensor/options.ts';
import type { Shape } from '../tensor/shape.ts';
import type { DType, Tensor, TensorLike } from '../tensor/tensor.ts';
import { createAnatomy, type ModelLayer } from './anatomy.ts';
import { runProgram } from './chooseEngine.ts';
import { adoptTensors } from './data/adoptTensors.ts';
import { checkModelData } from './data/checkModelData.ts';
import type { ModelData, ValueInfo } from './data/format.ts';
import { checkGraph } from './graph/checkGraph.ts';
import type { Logits } from './graph/logits.ts';
import { type Box, receptiveField } from './graph/receptiveField.ts';
import { type Program, prepareProgram, type RunOptions } from './run/program.ts';
import { readInputs } from './run/readInputs.ts';
import { type Split, splitModel } from './split.ts';

/** How much a model may ask for, and operators of one's own. */
export interface ModelOptions {
  /**
   * Bytes that the largest result of a node may have, 2 GiB unless given. What nodes make of constants, and the tables by which shapes
   * are found, are bounded in proportion.
   */
  readonly maxMemory?: number | undefined;
  /** Operators that jetgrad lacks, by the names that nodes have: see `defineOperator`. */
  readonly operators?: Readonly<Record<string, Layer>> | undefined;
}

export const modelOptionKinds = { maxMemory: 'number', operators: 'record' } as const satisfies OptionKinds;

/** A network, ready to run, to be looked at and to be split at a layer. */
export interface Model {
  readonly name: string;
  readonly data: ModelData;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly labels?: readonly string[];
  readonly layers: readonly ModelLayer[];
  /** Tensor of the layer explained by default; undefined where there is none. */
  readonly defaultLayer: string | undefined;
  /** Why that one. */
  readonly defaultLayerReason: string | undefined;
  /** @throws InputError, ShapeError where the outputs do not say: see `findLogits`. */
  readonly logits: Logits;
  /** Shape of the image input [1, C, H, W] as the model gives it; symbols are 1 (batch) or 224 (sides). */
  readonly inputShape: Shape;
  /** Precision in which it runs unless asked for another: float64 where its inputs are, as the graph was written for. */
  readonly precision: DType;
  /** Whether it rounds on the way, and its derivatives are therefore those of the network that was quantised. */
  readonly isQuantised: boolean;
  /** All outputs by name. One tensor for a model with one input, else a record by input name. */
  run(
    inputs: TensorLike | Readonly<Record<string, TensorLike>>,
    options?: RunOptions & { precision?: DType },
  ): Promise<Record<string, Tensor>>;
  /**
   * The logits of the output by that name; without one those of the only output, or of the one that the graph tells apart from the others.
   * @throws InputError, ShapeError listing the outputs.
   */
  findLogits(output?: string): Logits;
  /** The model cut at a layer: a tensor name, a node name or an index of `layers`; the default layer unless given. */
  split(layer?: string | number, options?: SplitOptions): Split;
  /** The pixels of the input that cells of a layer can depend on. */
  receptiveField(layer: string | number | undefined, cells: Box): Box;
  /** A layer by tensor name, node name or index; the default layer unless given. @throws InputError where there is no such layer. */
  layer(layer?: string | number): ModelLayer;
  /**
   * The tensor that `split` would cut at; the default one is of the logits, or of the tensors named, which a score reads.
   * @throws InputError where there is no such layer, naming near ones.
   */
  findLayer(layer?: string | number, outputs?: readonly string[]): string;
}

/** How a model is split. */
export interface SplitOptions {
  /** Tensors that the head gives, one behind the other: the logits unless given. */
  readonly outputs?: readonly string[] | undefined;
  readonly trunkPrecision?: DType;
  readonly headPrecision?: DType;
}

/** @throws InputError for anything but a rectangle of cells. */
function checkCells(cells: Box): void {
  const action = 'tell the receptive field';
  wantRecord(cells, 'the cells', action);
  for (const side of ['y0', 'x0', 'y1', 'x1'] as const)
    wantNumber(cells[side], `${side} of the cells`, action);
}

/** A network of constants alone has no image: it runs, and nothing in it can be explained. */
const NO_IMAGE: ValueInfo = { name: '', shape: [], dtype: 'float32' };

/** Whether nodes round what depends on inputs, straight through for derivatives; a cast does where it is told to, and rarely is. */
function rounds({ graph, constants }: Program): boolean {
  return graph.data.nodes.some(({ op, outputs }) => {
    const { straightThrough, moves } = graph.layers[op];
    return straightThrough !== undefined && moves === undefined && !constants.has(outputs[0]);
  });
}

/**
 * A model ready to run and to be split, from its data.
 * @throws UnsupportedOperationError naming every operation that jetgrad lacks.
 * @throws InputError for a graph that does not fit together, or asks for more memory than it may.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * createModel(data).inputShape // [1, 3, 96, 96]
 */
export function createModel(given: ModelData, options: ModelOptions = {}): Model {
  checkOptions(options, modelOptionKinds, 'make the model');
  const layers = layersWith(options.operators);
  const bounds = memoryBounds(options.maxMemory);
  checkModelData(given, 'use the model');
  const nodes = checkGraph(given, layers);
  const data = adoptTensors(nodes === given.nodes ? given : { ...given, nodes });
  const programs = new Map<DType, Program>();
  const program = (precision: DType): Program => {
    const ready = programs.get(precision) ?? prepareProgram(data, precision, { bounds, layers });
    programs.set(precision, ready);
    return ready;
  };
  const { graph } = program('float32');
  if (data.outputs.length === 0) throw new InputError(`Cannot use model ${data.name}: it has no output`);
  const image = data.inputs[0] ?? NO_IMAGE;
  const own: DType = data.inputs.some(({ dtype }) => dtype === 'float64') ? 'float64' : 'float32';
  const anatomy = createAnatomy({ data, graph, image: image.name, program });

  return {
    name: data.name,
    data,
    inputs: data.inputs,
    outputs: data.outputs,
    ...(data.labels && { labels: data.labels }),
    get layers() {
      return data.nodes.map((node, index) => anatomy.layerAt(index, node.outputs[0]));
    },
    get defaultLayer() {
      return anatomy.target()?.tensor;
    },
    get defaultLayerReason() {
      return anatomy.target()?.why;
    },
    get logits() {
      return anatomy.logits();
    },
    findLogits: anatomy.logits,
    precision: own,
    isQuantised: rounds(program('float32')),
    get inputShape() {
      return anatomy.shapes().get(image.name) as Shape;
    },
    findLayer: anatomy.find,
    layer(layer) {
      const tensor = anatomy.find(layer);
      const node = graph.producer.get(tensor);
      if (node !== undefined) return anatomy.layerAt(data.nodes.indexOf(node), tensor);
      throw new InputError(`Cannot tell of the layer ${tensor}: it is the input of ${data.name}; see inputs`);
    },
    receptiveField(layer, cells) {
      checkCells(cells);
      return receptiveField(anatomy.search(), anatomy.find(layer), cells);
    },
    async run(inputs, given = {}) {
      checkOptions(given, { precision: 'text', ...driveKinds }, 'run the model');
      const { precision = own, ...options } = given;
      const values = readInputs(inputs, data.inputs, precision);
      const names = data.outputs.map((output) => output.name);
      const results = await runProgram(program(precision), { given: values, targets: names }, options);
      return Object.fromEntries([...results].map(([name, { tensor }]) => [name, tensor]));
    },
    split(layer, options = {}) {
      const kinds = { outputs: 'texts', trunkPrecision: 'text', headPrecision: 'text' } as const;
      checkOptions(options, kinds, 'split the model');
      const { trunkPrecision = own, headPrecision = 'float64' } = options;
      if (image === NO_IMAGE) throw new InputError(`Cannot split the model ${data.name}: it has no input`);
      const outputs = options.outputs ?? [anatomy.logits().tensor];
      const tensor = anatomy.find(layer, options.outputs);
      const shape = anatomy.shapes().get(tensor);
      const parts = {
        shapes: () => anatomy.shapes(),
        axes: () => anatomy.searchFor(outputs).axes,
        graph,
        image: image.name,
        outputs,
        layer: tensor,
        program,
        trunkPrecision,
        headPrecision,
      };
      return splitModel(shape === undefined ? parts : { ...parts, shape });
    },
  };
}
