import type { Layout } from '../autodiff/places/layout.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import type { Shape } from '../tensor/shape.ts';
import type { DType } from '../tensor/tensor.ts';
import type { ModelData } from './data/format.ts';
import { countParameters } from './data/parameters.ts';
import { findLogits, type Logits } from './graph/logits.ts';
import { candidateTensors, defaultTarget, type Target, type TargetSearch } from './graph/target.ts';
import { followAxes } from './run/followAxes.ts';
import type { Program } from './run/program.ts';
import { inferShapes, type ShapeMap } from './run/shapes.ts';

/** One node of the graph, as `inspect` lists it. */
export interface ModelLayer {
  readonly index: number;
  readonly name: string;
  readonly op: string;
  /** Name and shape of its first output; the shape is absent where it depends on values. */
  readonly tensor: string;
  readonly shape?: Shape;
  /** How many numbers its constant inputs hold. */
  readonly parameters: number;
  /** Multiply-adds of its matrix products and convolutions, one image. */
  readonly multiplyAdds: number;
  /** What its axes mean; absent where that is not known. */
  readonly layout?: Layout;
  /** Whether the logits depend on cells of it: not where they read the class token alone. */
  readonly reaches: boolean;
  /** Whether every path from the image to the logits crosses it, its layout is known, it has H·W > 1 and its cells reach the logits. */
  readonly isCandidate: boolean;
}

/** The graph of a model, and its programs by precision. */
interface Subject {
  readonly data: ModelData;
  readonly graph: Program['graph'];
  /** Name of the input that layers are explained on. */
  readonly image: string;
  readonly program: (precision: DType) => Program;
}

/** What the layers of a model are: each thing is found when it is asked for, and once. */
export interface Anatomy {
  shapes(): ShapeMap['shapes'];
  /** @throws InputError, ShapeError listing the outputs. */
  logits(output?: string): Logits;
  /** What is known of the way from the image to the logits, or to all outputs where no logits are told. */
  search(): TargetSearch;
  /** The same of the way to some tensors. */
  searchFor(targets: readonly string[]): TargetSearch;
  /** The layer explained by default. */
  target(): Target | undefined;
  /** Tensor of a layer by tensor name, node name or index. @throws InputError naming what there is. */
  find(layer?: string | number, outputs?: readonly string[]): string;
  /** A tensor, and the node that gives it. */
  layerAt(index: number, tensor: string): ModelLayer;
}

/** Keeps what it found; what throws is tried again. */
function once<T extends object>(find: () => T): () => T {
  let found: T | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

/** The same by name. */
function onceEach<K, T extends object>(find: (key: K) => T, nameOf: (key: K) => unknown): (key: K) => T {
  const found = new Map<unknown, T>();
  return (key) => {
    const made = found.get(nameOf(key)) ?? find(key);
    found.set(nameOf(key), made);
    return made;
  };
}

function tensorOf({ data, graph, image }: Omit<Subject, 'program'>, layer: string | number): string {
  const name = String(layer);
  const byIndex = /^\d+$/.test(name) ? data.nodes[Number(layer)]?.outputs[0] : undefined;
  const byNode = data.nodes.find((node) => node.name === name)?.outputs[0];
  const byTensor = graph.producer.has(name) || name === image ? name : undefined;
  const tensor = byTensor ?? byNode ?? byIndex;
  if (tensor !== undefined) return tensor;
  throw new InputError(
    `Cannot find the layer "${name}" in ${data.name}: give a tensor name, a node name or an index below ${data.nodes.length}, as inspect lists them`,
  );
}

interface Known extends Pick<ShapeMap, 'multiplyAdds'> {
  readonly search: TargetSearch;
  readonly candidates: ReadonlySet<string>;
}

function describe(
  data: ModelData,
  { index, tensor }: Pick<ModelLayer, 'index' | 'tensor'>,
  { search: { axes, shapes }, candidates, multiplyAdds }: Known,
): ModelLayer {
  const node = data.nodes[index];
  const shape = shapes.get(tensor);
  const layout = axes.layoutOf(tensor);
  return {
    ...{ index, name: node.name, op: node.op, tensor },
    ...(shape && { shape }),
    parameters: countParameters(data, node.inputs),
    multiplyAdds: multiplyAdds.get(node) ?? 0,
    ...(layout && { layout }),
    reaches: layout !== undefined && axes.reaches(tensor, layout),
    isCandidate: candidates.has(tensor),
  };
}

/** Reads a graph as far as it is asked. */
export function createAnatomy({ data, graph, image, program }: Subject): Anatomy {
  const inferred = once(() => inferShapes(program('float32')));
  const shapes = () => inferred().shapes;
  const logitsBy = onceEach(
    (output: string | undefined) =>
      findLogits({ graph, constants: program('float32').constants, shapes: shapes() }, output),
    (output) => output,
  );
  function logits(output?: string): Logits {
    checkOptions({ output }, { output: 'text' }, 'find the logits');
    return logitsBy(output);
  }
  function targets(): readonly string[] {
    try {
      return [logits().tensor];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return data.outputs.map(({ name }) => name);
    }
  }
  const searchFor = onceEach(
    (wanted: readonly string[]): TargetSearch => ({
      ...{ graph, image, targets: wanted, shapes: shapes() },
      axes: followAxes(program('float32'), image, wanted),
    }),
    (wanted) => JSON.stringify(wanted),
  );
  const found = once(() => {
    const search = searchFor(targets());
    return { search, candidates: new Set(candidateTensors(search)), target: defaultTarget(search) };
  });
  function find(layer?: string | number, outputs?: readonly string[]): string {
    checkOptions({ outputs }, { outputs: 'texts' }, 'find the layer');
    if (layer === undefined) {
      const target = outputs === undefined ? found().target : defaultTarget(searchFor(outputs));
      if (target !== undefined) return target.tensor;
      throw new InputError(
        `Cannot choose a layer of ${data.name}: no feature map of known layout lies on every path from image to ${outputs?.join(', ') ?? 'logits'}; name one`,
      );
    }
    return tensorOf({ data, graph, image }, layer);
  }
  const layerAt = (index: number, tensor: string) =>
    describe(data, { index, tensor }, { ...found(), multiplyAdds: inferred().multiplyAdds });
  return {
    ...{ shapes, logits, searchFor, find, layerAt },
    search: () => found().search,
    target: () => found().target,
  };
}
