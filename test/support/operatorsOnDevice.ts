import { allLayers } from '../../src/layers/more.ts';
import { compile } from '../../src/model/compiled/compile.ts';
import { createWeightStore } from '../../src/model/compiled/lower/weights.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { nodesFor } from '../../src/model/graph/graph.ts';
import { prepareProgram } from '../../src/model/run/program.ts';
import { newDevice } from '../../src/tensor/kernels/backend.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

/** The operators of a model that the device computes, for inputs of these shapes; none where the reference computes. */
export function operatorsOnDevice(data: ModelData, inputs: Readonly<Record<string, Tensor>>): string[] {
  const device = newDevice();
  if (device === undefined) return [];
  const program = prepareProgram(data, 'float32', { layers: allLayers });
  const targets = data.outputs.map(({ name }) => name);
  const present = new Set([...data.inputs.map(({ name }) => name), ...program.constants.keys()]);
  const nodes = nodesFor(program.graph, targets, present);
  const given = new Map(
    data.inputs.map(({ name, dtype }) => [name, { shape: inputs[name].shape, type: dtype }] as const),
  );
  const { left } = compile({ program, nodes, given, targets, weights: createWeightStore(device) });
  return nodes.filter((node) => !left.includes(node)).map(({ op }) => op);
}
