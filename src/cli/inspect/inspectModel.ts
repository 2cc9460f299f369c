import { allLayers } from '../../layers/more.ts';
import type { ModelLayer } from '../../model/anatomy.ts';
import type { ModelData, ModelSource, Preprocessing, ValueInfo } from '../../model/data/format.ts';
import { countParameters } from '../../model/data/parameters.ts';
import type { Model } from '../../model/model.ts';
import { unsupportedOperations } from '../../model/run/program.ts';
import { rest } from '../../tensor/drive.ts';

/** What `inspect` tells of a model. */
export interface Inspection {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly source: ModelSource;
  readonly labels: number;
  readonly preprocessing: Preprocessing | null;
  readonly layers: readonly ModelLayer[];
  readonly defaultLayer: string | null;
  /** Why that one. */
  readonly defaultLayerReason: string | null;
  readonly totals: { readonly parameters: number; readonly multiplyAdds?: number };
  readonly unsupported: readonly string[];
}

function describe(data: ModelData): Omit<Inspection, 'layers' | 'defaultLayer' | 'defaultLayerReason'> {
  const { name, inputs, outputs, source, labels, nodes } = data;
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return {
    name,
    inputs,
    outputs,
    source,
    labels: labels?.length ?? 0,
    preprocessing: inputs[0]?.preprocessing ?? null,
    totals: { parameters: countParameters(data, read) },
    unsupported: unsupportedOperations(nodes, allLayers),
  };
}

/** All of a model that runs. A tensor that several layers share counts once in the totals. */
export async function inspectModel(model: Model, signal?: AbortSignal): Promise<Inspection> {
  await rest(signal);
  const defaultLayer = model.defaultLayer ?? null;
  await rest(signal);
  const shared = describe(model.data);
  const { layers } = model;
  const multiplyAdds = layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
  const totals = { ...shared.totals, multiplyAdds };
  const defaultLayerReason = model.defaultLayerReason ?? null;
  return { ...shared, totals, layers, defaultLayer, defaultLayerReason };
}

/** What can be told of a model with operations that are not supported: no shapes, no work. */
export function inspectGraph(data: ModelData): Inspection {
  const layers = data.nodes.map(({ name, op, inputs, outputs }, index) => ({
    index,
    name,
    op,
    tensor: outputs[0] ?? '',
    parameters: countParameters(data, inputs),
    multiplyAdds: 0,
    reaches: false,
    isCandidate: false,
  }));
  return { ...describe(data), layers, defaultLayer: null, defaultLayerReason: null };
}
