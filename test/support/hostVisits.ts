import { allLayers } from '../../src/layers/more.ts';
import { compile } from '../../src/model/compiled/compile.ts';
import { createWeightStore } from '../../src/model/compiled/lower/weights.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { nodesFor } from '../../src/model/graph/graph.ts';
import { prepareProgram } from '../../src/model/run/program.ts';
import { createDevice } from '../../src/tensor/kernels/wasm/device.ts';
import type { Shape } from '../../src/tensor/shape.ts';

/** What of a network's way to its first output, and of the way back, is no kernel. */
interface HostVisits {
  /** Operators that are left to the reference. */
  readonly left: readonly string[];
  /** Places of the steps on the host, counted from either end: where the picture is brought to the device, and the output from it. */
  readonly forward: readonly number[];
  readonly back: readonly number[];
}

/** Places of steps on the host; those of the second half count from the end. */
const placesOf = (items: readonly { readonly host?: unknown }[]) =>
  items.flatMap(({ host }, i) => (host === undefined ? [] : [2 * i < items.length ? i : i - items.length]));

/** How often a network with an input of this shape leaves the device. */
export function hostVisits(data: ModelData, shape: Shape): HostVisits {
  const program = prepareProgram(data, 'float32', { layers: allLayers });
  const [{ name: source }] = data.inputs;
  const targets = [data.outputs[0].name];
  const nodes = nodesFor(program.graph, targets, new Set([source, ...program.constants.keys()]));
  const given = new Map([[source, { shape, type: 'float32' as const }]]);
  const weights = createWeightStore(createDevice());
  const { left, items, back } = compile({ program, nodes, targets, source, given, weights });
  return { left: left.map(({ op }) => op), forward: placesOf(items), back: placesOf(back?.items ?? []) };
}

/** Those of a network that is on the device from its first kernel to its last, on either way: what comes in is brought there, what comes out back. */
export const noVisits: HostVisits = { left: [], forward: [0, -1], back: [0, -1] };
