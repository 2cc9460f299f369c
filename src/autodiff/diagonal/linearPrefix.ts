import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, full, type Tensor } from '../../tensor/tensor.ts';
import type { Series } from '../primitive.ts';
import { pullback, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { blocksOf, lanesOf, oneHots } from './entries.ts';
import { emptyDiagonals, lanesAtOnce, writeLanes } from './jets.ts';
import { cutSize, type Diagonals, type Task } from './plan.ts';
import { replay } from './replay.ts';

/** The directions in which the cut moves for a block of entries: one matrix [block, size] for each cut node. */
type Directions = (block: Int32Array, at: number) => Float64Array[];

const valuesOf = (x: Tensor): Float64Array => castTo(contiguous(concrete(x)), 'float64').data as Float64Array;

/** ∂cut/∂a by VJPs: one for each value of the cut, kept at the live entries only. */
function byPullbacks({ structure, live }: Task): Directions {
  const { tape, cut, root } = structure;
  const size = sizeOf(root.value.shape);
  const atOnce = lanesAtOnce(structure, [structure.linear]);
  const rowsOf = cut.map((node) => {
    const length = sizeOf(node.value.shape);
    const rows = new Float64Array(length * live.length);
    const all = Int32Array.from({ length }, (_, i) => i);
    for (const block of blocksOf(all, atOnce)) {
      const [g] = pullback(tape, new Map([[node, oneHots(block, node.value)]]), [root]);
      if (g === undefined) continue;
      const data = valuesOf(g);
      for (let lane = 0; lane < block.length; lane++) {
        for (let i = 0; i < live.length; i++)
          rows[block[lane] * live.length + i] = data[lane * size + live[i]];
      }
    }
    return rows;
  });
  return (block, at) =>
    rowsOf.map((rows, which) => {
      const length = sizeOf(cut[which].value.shape);
      const out = new Float64Array(block.length * length);
      for (let p = 0; p < length; p++) {
        for (let lane = 0; lane < block.length; lane++)
          out[lane * length + p] = rows[p * live.length + at + lane];
      }
      return out;
    });
}

/** ∂cut/∂a by JVPs: one for each live entry. */
function byTangents({ structure }: Task): Directions {
  const { cut, root } = structure;
  return (block) => {
    const seeds = new Map<TapeNode, Series>([[root, [root.value, oneHots(block, root.value)]]]);
    return replay(structure, seeds, { order: 1, targets: cut }).map((series, which) =>
      series[1] === undefined
        ? new Float64Array(block.length * sizeOf(cut[which].value.shape))
        : valuesOf(series[1]),
    );
  };
}

/** One value leaves the prefix: D_r = y^(r) gʳ, y^(r) the tail's derivatives and g one VJP. */
function throughScalar({ structure, order, live }: Task): Diagonals {
  const { tape, cut, root, output } = structure;
  const [node] = cut;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const one = full(node.value.shape, 1, node.value.dtype);
  const [g] = pullback(tape, new Map([[node, one]]), [root]);
  if (g === undefined) return out;
  const slopes = valuesOf(g);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const [series] = replay(structure, new Map([[node, [node.value, one, ...higher]]]), {
    order,
    targets: [output],
  });
  let factorial = 1;
  for (let r = 1; r <= order; r++) {
    factorial *= r;
    const c = series[r];
    if (c === undefined) continue;
    const derivative = factorial * valuesOf(c)[0];
    for (const entry of live) {
      let power = slopes[entry];
      for (let k = 1; k < r; k++) power *= slopes[entry];
      out[r - 1][entry] = derivative * power;
    }
  }
  return out;
}

/**
 * D_r of entry i is the r-th derivative of the tail along v_i = ∂cut/∂a_i, because the cut depends piecewise-linearly on
 * the activation: the fewer of VJPs and JVPs give all v_i, then the tail's jets (or its closed form) do the rest.
 */
export function runLinearPrefix(task: Task): Diagonals {
  const { structure, order, live, score, logits } = task;
  const { cut, root, output } = structure;
  const size = cutSize(structure);
  if (size === 1) return throughScalar(task);
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const directions = size <= live.length ? byPullbacks(task) : byTangents(task);
  const closed = cut.length === 1 && cut[0] === logits ? score?.derivativesAlong?.bind(score) : undefined;
  const higher = new Array<undefined>(order - 1).fill(undefined);
  let at = 0;
  for (const block of blocksOf(live, lanesAtOnce(structure))) {
    const rows = directions(block, at);
    at += block.length;
    if (closed !== undefined) {
      const derivatives = closed(valuesOf(cut[0].value), rows[0], order);
      for (let r = 0; r < order; r++) {
        for (let lane = 0; lane < block.length; lane++) out[r][block[lane]] = derivatives[r][lane];
      }
      continue;
    }
    const seeds = new Map<TapeNode, Series>(
      cut.map((node, i) => [node, [node.value, lanesOf(rows[i], block.length, node.value.shape), ...higher]]),
    );
    const [series] = replay(structure, seeds, { order, targets: [output] });
    writeLanes(out, block, series);
  }
  return out;
}
