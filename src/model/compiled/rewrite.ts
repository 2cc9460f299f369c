/** Operators that graphs write as several nodes, as the one node that they are. */
import { number } from '../../layers/layer.ts';
import { quantizedType } from '../../layers/quantization.ts';
import { rangeOf } from '../../layers/stairs.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { ElementType, GraphNode } from '../data/format.ts';
import { linksOf } from '../graph/links.ts';
import { dataOf } from './lower/weights.ts';

export interface RewriteSite {
  readonly nodes: readonly GraphNode[];
  /** Tensors that must come out as they are. */
  readonly targets: ReadonlySet<string>;
  constant(name: string): Tensor | undefined;
  typeOf(name: string): ElementType | undefined;
}

/** Nodes in place of others, each with the nodes that it stands for. */
export interface Rewritten {
  readonly nodes: readonly GraphNode[];
  readonly parts: ReadonlyMap<GraphNode, readonly GraphNode[]>;
}

/** What is found around a node. */
interface Search extends RewriteSite {
  readonly producer: ReadonlyMap<string, GraphNode>;
  readonly consumers: ReadonlyMap<string, readonly GraphNode[]>;
}

interface Found {
  readonly parts: readonly GraphNode[];
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: GraphNode['attributes'];
}

/** The number that a constant of one entry holds. */
function numberOf({ constant }: Search, name: string): number | undefined {
  const x = constant(name);
  return x !== undefined && sizeOf(x.shape) === 1 ? dataOf(x)[0] : undefined;
}

const near = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 1e-6 * Math.abs(b);

/** The node that alone reads what another gives, if it is of the operator. */
function follower({ consumers, targets }: Search, node: GraphNode, op: string): GraphNode | undefined {
  const [output, ...others] = node.outputs;
  const [next, ...more] = consumers.get(output) ?? [];
  const isAlone = others.length === 0 && more.length === 0 && !targets.has(output);
  return isAlone && next?.op === op ? next : undefined;
}

const otherInput = ({ inputs }: GraphNode, name: string) => (inputs[0] === name ? inputs[1] : inputs[0]);

/** x · σ(x). */
function silu(search: Search, node: GraphNode): Found | undefined {
  if (node.op !== 'Sigmoid') return undefined;
  const product = follower(search, node, 'Mul');
  if (product === undefined || otherInput(product, node.outputs[0]) !== node.inputs[0]) return undefined;
  return { parts: [node, product], op: 'Swish', inputs: [node.inputs[0]], attributes: { alpha: 1 } };
}

/** x (1 + erf(x / √2)) / 2, halved at the end or x at the beginning. */
function gelu(search: Search, node: GraphNode): Found | undefined {
  if (node.op !== 'Erf') return undefined;
  const scaled = search.producer.get(node.inputs[0]);
  if (scaled === undefined || follower(search, scaled, 'Erf') !== node) return undefined;
  const [x, by] = scaled.inputs;
  const factor = numberOf(search, by);
  const isScaled =
    (scaled.op === 'Div' && near(factor, Math.SQRT2)) || (scaled.op === 'Mul' && near(factor, Math.SQRT1_2));
  const sum = follower(search, node, 'Add');
  if (!isScaled || sum === undefined || numberOf(search, otherInput(sum, node.outputs[0])) !== 1)
    return undefined;
  const product = follower(search, sum, 'Mul');
  if (product === undefined) return undefined;
  const other = otherInput(product, sum.outputs[0]);
  if (other === x) {
    const half = follower(search, product, 'Mul');
    if (half === undefined || numberOf(search, otherInput(half, product.outputs[0])) !== 0.5)
      return undefined;
    return { parts: [scaled, node, sum, product, half], op: 'Gelu', inputs: [x] };
  }
  const half = search.producer.get(other);
  const isHalf = half?.op === 'Mul' && follower(search, half, 'Mul') === product;
  if (!isHalf || otherInput(half, x) === x || numberOf(search, otherInput(half, x)) !== 0.5) return undefined;
  return half.inputs.includes(x)
    ? { parts: [scaled, node, half, sum, product], op: 'Gelu', inputs: [x] }
    : undefined;
}

/** Whether a node is the mean along the last axis, which is kept. */
function isLastMean({ constant }: Search, { op, inputs, attributes }: GraphNode): boolean {
  if (op !== 'ReduceMean') return false;
  const given = constant(inputs[1] ?? '');
  const axes = attributes.axes ?? (given && Array.from(dataOf(given)));
  return (
    op === 'ReduceMean' && Array.isArray(axes) && axes.join() === '-1' && (attributes.keepdims ?? 1) === 1
  );
}

/** (x − mean) / √(mean (x − mean)² + ε), perhaps with a scale and a bias, from its first mean on. */
function layerNormalization(search: Search, mean: GraphNode): Found | undefined {
  const { consumers, targets, constant } = search;
  if (!isLastMean(search, mean)) return undefined;
  const [x] = mean.inputs;
  const difference = follower(search, mean, 'Sub');
  if (difference?.inputs[0] !== x || targets.has(difference.outputs[0])) return undefined;
  const [centred] = difference.outputs;
  const readers = consumers.get(centred) ?? [];
  const square = readers.find(
    ({ op, inputs }) =>
      (op === 'Pow' && inputs[0] === centred && numberOf(search, inputs[1]) === 2) ||
      (op === 'Mul' && inputs[0] === centred && inputs[1] === centred),
  );
  const variance = square && follower(search, square, 'ReduceMean');
  if (variance === undefined || !isLastMean(search, variance) || readers.length !== 2) return undefined;
  const sum = follower(search, variance, 'Add');
  const epsilon = sum && numberOf(search, otherInput(sum, variance.outputs[0]));
  const root = sum && follower(search, sum, 'Sqrt');
  const quotient = root && follower(search, root, 'Div');
  if (epsilon === undefined || quotient === undefined || quotient.inputs[0] !== centred) return undefined;
  const parts = [
    mean,
    difference,
    square as GraphNode,
    variance,
    sum as GraphNode,
    root as GraphNode,
    quotient,
  ];
  const isRow = (name: string | undefined) => constant(name ?? '')?.shape.length === 1;
  const scaled = follower(search, quotient, 'Mul');
  const scale = scaled && otherInput(scaled, quotient.outputs[0]);
  if (scaled === undefined || !isRow(scale)) {
    return { parts, op: 'LayerNormalization', inputs: [x], attributes: { axis: -1, epsilon } };
  }
  const shifted = follower(search, scaled, 'Add');
  const bias = shifted && otherInput(shifted, scaled.outputs[0]);
  const isShifted = shifted !== undefined && isRow(bias);
  return {
    parts: [...parts, scaled, ...(isShifted ? [shifted] : [])],
    op: 'LayerNormalization',
    inputs: [x, scale as string, ...(isShifted ? [bias as string] : [])],
    attributes: { axis: -1, epsilon },
  };
}

/** A pair that rounds to whole numbers of one scale, and scales back: the stairs that they are, in steps from the zero point. */
function stairs(search: Search, node: GraphNode): Found | undefined {
  if (node.op !== 'QuantizeLinear') return undefined;
  const back = follower(search, node, 'DequantizeLinear');
  const [x, scale, zero = ''] = node.inputs;
  const range = rangeOf(quantizedType([undefined, undefined, search.typeOf(zero)], node.attributes));
  const step = numberOf(search, scale);
  const from = zero === '' ? 0 : numberOf(search, zero);
  if (back === undefined || range === undefined || step === undefined || from === undefined) return undefined;
  const [, backScale, backZero = ''] = back.inputs;
  const isSame =
    numberOf(search, backScale) === step && (backZero === '' ? 0 : numberOf(search, backZero)) === from;
  if (!isSame || !(step > 0)) return undefined;
  const attributes = { scale: step, low: range.least - from, high: range.most - from };
  return { parts: [node, back], op: 'Stairs', inputs: [x], attributes };
}

/** Operators of ONNX Runtime that are operators of ONNX under another name. */
function twin(_: Search, node: GraphNode): Found | undefined {
  const { op, inputs, attributes } = node;
  if (op === 'com.microsoft.Gelu') return { parts: [node], op: 'Gelu', inputs };
  if (op !== 'com.microsoft.QuickGelu') return undefined;
  return { parts: [node], op: 'Swish', inputs, attributes: { alpha: number(attributes, 'alpha', 1.702) } };
}

/** x², as YOLOv5 has the sides of its boxes: a product. */
function square(search: Search, node: GraphNode): Found | undefined {
  const [x, exponent] = node.inputs;
  const isSquare = node.op === 'Pow' && search.constant(exponent)?.shape.length === 0;
  if (!isSquare || numberOf(search, exponent) !== 2) return undefined;
  return { parts: [node], op: 'Mul', inputs: [x, x] };
}

const patterns = [silu, gelu, layerNormalization, stairs, twin, square];

/** Finds what several nodes make together. */
export function rewriteNodes(site: RewriteSite): Rewritten {
  const search: Search = { ...site, ...linksOf(site.nodes) };
  const gone = new Set<GraphNode>();
  const made = new Map<GraphNode, GraphNode>();
  const parts = new Map<GraphNode, readonly GraphNode[]>();
  for (const node of site.nodes) {
    if (gone.has(node)) continue;
    for (const pattern of patterns) {
      const found = pattern(search, node);
      if (found === undefined || found.parts.some((part) => gone.has(part))) continue;
      const last = found.parts[found.parts.length - 1];
      const { op, inputs, attributes = {} } = found;
      const one: GraphNode = { name: last.name, op, inputs, outputs: last.outputs, attributes };
      for (const part of found.parts) gone.add(part);
      made.set(last, one);
      parts.set(one, found.parts);
      break;
    }
  }
  const nodes = site.nodes.flatMap((node) => made.get(node) ?? (gone.has(node) ? [] : [node]));
  return { nodes, parts };
}
