import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import type { DType } from '../tensor/tensor.ts';
import type { ModelData } from './data/format.ts';
import { countParameters } from './data/parameters.ts';
import { findLogits, type Logits } from './graph/logits.ts';
import { candidateTensors, defaultTarget, type Target, type TargetSearch } from './graph/target.ts';
import type { ModelLayer } from './model.ts';
import { followAxes } from './run/followAxes.ts';
import type { Program } from './run/program.ts';
import { inferShapes, type ShapeMap } from './run/shapes.ts';

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
  function layerAt(index: number, tensor: string): ModelLayer {
    const node = data.nodes[index];
    const { candidates, search } = found();
    const shape = shapes().get(tensor);
    const layout = search.axes.layoutOf(tensor);
    return {
      ...{ index, name: node.name, op: node.op, tensor },
      ...(shape && { shape }),
      parameters: countParameters(data, node.inputs),
      multiplyAdds: inferred().multiplyAdds.get(node) ?? 0,
      ...(layout && { layout }),
      reaches: layout !== undefined && search.axes.reaches(tensor, layout),
      isCandidate: candidates.has(tensor),
    };
  }
  return {
    ...{ shapes, logits, searchFor, find, layerAt },
    search: () => found().search,
    target: () => found().target,
  };
}
