import { evaluateNode } from '../../layers/evaluateNode.ts';
import { layerOf, layers as ownLayers } from '../../layers/index.ts';
import type { Layers, Value } from '../../layers/layer.ts';
import { isFloat } from '../../layers/types.ts';
import { type DriveOptions, drain, type Steps } from '../../tensor/drive.ts';
import { InputError, UnsupportedOperationError } from '../../tensor/errors.ts';
import { beyond, type Limit, type MemoryBounds, memoryBounds } from '../../tensor/limits.ts';
import { inRoom, type Room } from '../../tensor/room.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { castTo, type DType, type Tensor } from '../../tensor/tensor.ts';
import { decodeTensor } from '../data/decode.ts';
import type { GraphNode, ModelData, StoredTensor } from '../data/format.ts';
import { isLarge } from '../data/tensorMemory.ts';
import { createGraph, describeNode, type Graph, nodesFor, withNode } from '../graph/graph.ts';

export type { Value } from '../../layers/layer.ts';

/** A model made ready to compute in one precision: constants decoded, nodes of constants folded. */
export interface Program {
  readonly graph: Graph;
  readonly precision: DType;
  readonly constants: ReadonlyMap<string, Value>;
  readonly bounds: MemoryBounds;
}

/** Refuses a model with operations that jetgrad lacks, all of them at once. @throws UnsupportedOperationError */
export function checkOperations({ nodes }: ModelData, layers: Layers = ownLayers): void {
  const missing = unsupportedOperations(nodes, layers);
  if (missing.length === 0) return;
  throw new UnsupportedOperationError(
    `Cannot use this model: jetgrad has no rule for the operation${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; ${wayOut(missing, layers)}`,
    missing,
  );
}

/** Operators of which a file is full that ONNX Runtime wrote for one processor. */
const ofOneProcessor = (op: string) => /^com\.microsoft\.(nchwc\.|Nhwc)/.test(op);

function wayOut(missing: readonly string[], layers: Layers): string {
  if (missing.some(ofOneProcessor)) {
    return 'the file is laid out for one processor: save it at a lower optimization level, or give the one that was not optimized';
  }
  const it = missing.length > 1 ? 'them' : 'it';
  const more = layers === ownLayers ? `moreOperators of jetgrad/onnx may have ${it}, or ` : '';
  return `${more}code can add ${it} by defineOperator`;
}

/** Operations of nodes, and of the graphs inside of them. */
export function operationsIn(nodes: readonly GraphNode[]): Set<string> {
  const operations = new Set<string>();
  const pending = [nodes];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { op, attributes } of next) {
      operations.add(op);
      for (const value of Object.values(attributes))
        if (typeof value === 'object' && 'nodes' in value) pending.push(value.nodes);
    }
  }
  return operations;
}

/** Operations of nodes, and of the graphs inside of them, that a table lacks. */
export function unsupportedOperations(nodes: readonly GraphNode[], layers?: Layers): string[] {
  return [...operationsIn(nodes)].filter((op) => layerOf(op, layers) === undefined).sort();
}

function isWeightOnly(graph: Graph, name: string): boolean {
  const consumers = graph.consumers.get(name) ?? [];
  return consumers.every((node) =>
    node.inputs.every((input, i) => input !== name || graph.layers[node.op].weights?.includes(i) === true),
  );
}

/** Whether whole numbers are read once, by a node that unpacks them: kept as float64 they would be eight times as large for good. */
function isUnpackedOnce({ consumers, data }: Graph, name: string): boolean {
  const stored = data.tensors.get(name) as StoredTensor;
  if (isFloat(stored.dtype) || !isLarge(stored.bytes.length)) return false;
  const [node, ...others] = consumers.get(name) ?? [];
  const isOutput = data.outputs.some((output) => output.name === name);
  const isFolded = node?.inputs.every((input) => input === '' || data.tensors.has(input)) === true;
  return isFolded && others.length === 0 && !isOutput;
}

/** How often the constants of a file may be made anew: weights that are scaled, normalized and transposed. */
const OWN_TIMES = 16;

/** Room for what nodes make of constants: the more, the more the file itself holds. */
function foldingRoom({ tensors }: ModelData, { entries, folding }: MemoryBounds): Room {
  const held = [...tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    most: entries,
    total: { limit: { ...folding, value: folding.value + OWN_TIMES * held }, taken: 0 },
  };
}

/** What a model may ask for, and the rows of its operators: as far as files go, and jetgrad's own unless given. */
export interface ProgramOptions {
  readonly bounds?: MemoryBounds;
  readonly layers?: Layers;
}

/** @throws InputError naming the tensor that cannot be held. */
function decoded(name: string, stored: StoredTensor): Tensor {
  try {
    return decodeTensor(stored);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`Cannot use the tensor ${name}: ${error.message}`);
  }
}

/** @throws InputError, ShapeError naming the node whose constants do not fit it, or that asks for more than `bounds`. */
export function prepareProgram(
  data: ModelData,
  precision: DType,
  { bounds = memoryBounds(), layers = ownLayers }: ProgramOptions = {},
): Program {
  checkOperations(data, layers);
  const graph = createGraph(data, layers);
  const constants = new Map<string, Value>();
  for (const [name, stored] of data.tensors) {
    if (isUnpackedOnce(graph, name)) continue;
    const tensor = decoded(name, stored);
    const widen = precision === 'float64' && isFloat(stored.dtype) && !isWeightOnly(graph, name);
    constants.set(name, { tensor: widen ? castTo(tensor, 'float64') : tensor, type: stored.dtype });
  }
  const program = { graph, precision, constants, bounds };
  const room = foldingRoom(data, bounds);
  const lookUp = (name: string): Value | undefined => {
    const stored = data.tensors.get(name);
    return constants.get(name) ?? (stored && { tensor: decoded(name, stored), type: stored.dtype });
  };
  for (const node of data.nodes) {
    if (node.inputs.every((input) => input === '' || constants.has(input) || data.tensors.has(input))) {
      const results = runNode(program, node, { lookUp, room });
      for (const [name, value] of results) constants.set(name, value);
    }
  }
  return program;
}

export interface NodeOptions {
  readonly lookUp: (name: string) => Value | undefined;
  /** Room for what it makes; as much as any node has unless given. */
  readonly room?: Room;
}

/** Runs one node; results by output name. @throws InputError naming the node. */
export function runNode(
  { graph, precision, bounds }: Program,
  node: GraphNode,
  { lookUp, room = { most: bounds.entries } }: NodeOptions,
): [string, Value][] {
  const values = node.inputs.map((name) => {
    const value = name === '' ? undefined : lookUp(name);
    if (name !== '' && value === undefined)
      throw new InputError(`Cannot run ${describeNode(node)}: its input ${name} is not given`);
    return value;
  });
  const layer = graph.layers[node.op];
  const context = { opset: graph.data.source.opset, precision, layers: graph.layers };
  try {
    const made = inRoom(room, () => evaluateNode(layer, node, { values, context }));
    return node.outputs.flatMap((name, i): [string, Value][] => {
      const value = made[i];
      if (value === undefined) return [];
      checkEntries(value.tensor.shape, bounds.entries);
      return [[name, value]];
    });
  } catch (error) {
    throw withNode(error, node);
  }
}

/** What a node gives may be a shape alone, for which no memory was taken. */
function checkEntries(shape: Shape, limit: Limit): void {
  const size = sizeOf(shape);
  if (!(size <= limit.value)) throw new InputError(beyond(limit, size));
}

/** How a model runs: on how many threads, until when, and who is told. */
export type RunOptions = DriveOptions;

/** The nodes between what is given and what is wanted, run one by one; values are dropped after their last use. */
export function* steps(
  program: Program,
  given: ReadonlyMap<string, Value>,
  targets: readonly string[],
): Steps<Map<string, Value>> {
  const known = new Set([...given.keys(), ...program.constants.keys()]);
  const nodes = nodesFor(program.graph, targets, known);
  const values = new Map(given);
  const wanted = new Set(targets);
  const lastUse = new Map<string, number>();
  nodes.forEach((node, at) => {
    for (const input of node.inputs) lastUse.set(input, at);
  });
  const lookUp = (name: string) => values.get(name) ?? program.constants.get(name);
  for (const [at, node] of nodes.entries()) {
    for (const [name, value] of runNode(program, node, { lookUp })) {
      if (!given.has(name) && (wanted.has(name) || lastUse.has(name))) values.set(name, value);
    }
    for (const input of node.inputs)
      if (lastUse.get(input) === at && !wanted.has(input)) values.delete(input);
    yield (at + 1) / nodes.length;
  }
  return new Map(
    targets.map((name) => {
      const value = lookUp(name);
      if (value === undefined) throw new InputError(`Cannot compute ${name}: nothing in the model makes it`);
      return [name, value];
    }),
  );
}

/** Runs to the end at once: for differentiable heads. */
export function evaluate(
  program: Program,
  given: ReadonlyMap<string, Value>,
  targets: readonly string[],
): Map<string, Value> {
  return drain(steps(program, given, targets));
}
