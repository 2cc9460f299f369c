import { matmul, reshape, sum, take, transpose } from '../autodiff/operations.ts';
import { InputError } from '../tensor/errors.ts';
import { largestOf } from '../tensor/largest.ts';
import { sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, text, wholeMap } from './layer.ts';

/** A tensor whose axes have names. */
interface Named {
  readonly x: Tensor;
  readonly axes: readonly string[];
}

/** The axes that an ellipsis of so many stands for, counted from the last. */
const hidden = (count: number) => Array.from({ length: count }, (_, i) => `…${count - i}`);

function axesOf(term: string, rank = 0): string[] {
  const letters = term.replace('...', '');
  if (!/^[A-Za-z]*$/.test(letters))
    throw new InputError(`its term ${term} must consist of letters and one ellipsis`);
  const at = term.indexOf('...');
  if (at < 0) return [...letters];
  return [...letters.slice(0, at), ...hidden(rank - letters.length), ...letters.slice(at)];
}

/** The terms of `ij,jk->ik` as lists of axes, the result last; where it is left out, it has those that come once, in their order. */
function termsOf(equation: string, ranks: readonly number[]): string[][] {
  const [left, right] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',').map((term, i) => axesOf(term, ranks[i]));
  const wrong = terms.length !== ranks.length || terms.some((term, i) => term.length !== ranks[i]);
  if (wrong) throw new InputError(`its equation ${equation} does not fit inputs of ${ranks.join(', ')} axes`);
  const all = terms.flat();
  const most = largestOf(all.map((name) => (name.startsWith('…') ? Number(name.slice(1)) : 0)).concat(0));
  const once = all.filter((name) => name.length === 1 && all.indexOf(name) === all.lastIndexOf(name));
  const letters = right === undefined ? `...${once.sort().join('')}` : right;
  const result = axesOf(letters, most + letters.replace('...', '').length);
  if (new Set(result).size < result.length || result.some((name) => !all.includes(name)))
    throw new InputError(`its equation ${equation} does not say what comes out`);
  return [...terms, result];
}

/** Axes of one name become their diagonal, and one of length 1 beside a longer one of its name goes away. */
function simplified(x: Tensor, term: readonly string[], lengths: ReadonlyMap<string, number>): Named {
  const step = rowMajor(x.shape);
  const axes = [...new Set(term)].filter((name) => x.shape[term.indexOf(name)] === lengths.get(name));
  const stride = axes.map((name) =>
    term.reduce((total, each, i) => total + (each === name ? step[i] : 0), 0),
  );
  term.forEach((name, i) => {
    if (x.shape[i] !== lengths.get(name) && x.shape[i] !== 1)
      throw new InputError(`its axis ${name} has the lengths ${x.shape[i]} and ${lengths.get(name)}`);
  });
  if (axes.length === term.length) return { x, axes };
  return { x: take(x, { shape: axes.map((name) => lengths.get(name) as number), stride, offset: 0 }), axes };
}

const ordered = ({ x, axes }: Named, order: readonly string[]): Tensor =>
  transpose(
    x,
    order.map((name) => axes.indexOf(name)),
  );

/** Without the axes that nothing else needs. */
function summed({ x, axes }: Named, isNeeded: (name: string) => boolean): Named {
  const done = axes.flatMap((name, i) => (isNeeded(name) ? [] : [i]));
  return { x: done.length === 0 ? x : sum(x, done), axes: axes.filter(isNeeded) };
}

/** The product of two tensors as one of matrices, summed over what only the two have. */
function contracted(left: Named, right: Named, isNeeded: (name: string) => boolean): Named {
  const a = summed(left, (name) => isNeeded(name) || right.axes.includes(name));
  const b = summed(right, (name) => isNeeded(name) || left.axes.includes(name));
  const shared = a.axes.filter((name) => b.axes.includes(name));
  const [batch, inner] = [shared.filter(isNeeded), shared.filter((name) => !isNeeded(name))];
  const [rows, columns] = [a, b].map(({ axes }) => axes.filter((name) => !shared.includes(name)));
  const lengthOf = (name: string) =>
    a.axes.includes(name) ? a.x.shape[a.axes.indexOf(name)] : b.x.shape[b.axes.indexOf(name)];
  const size = (names: readonly string[]) => sizeOf(names.map(lengthOf));
  const axes = [...batch, ...rows, ...columns];
  const x = reshape(ordered(a, [...batch, ...rows, ...inner]), [size(batch), size(rows), size(inner)]);
  const y = reshape(ordered(b, [...batch, ...inner, ...columns]), [size(batch), size(inner), size(columns)]);
  return { x: reshape(matmul(x, y), axes.map(lengthOf)), axes };
}

/** Einstein's summation, by two at a time. */
function einsum(equation: string, xs: readonly Tensor[]): Tensor {
  const terms = termsOf(
    equation,
    xs.map((x) => x.shape.length),
  );
  const result = terms.pop() as string[];
  const lengths = new Map<string, number>();
  terms.forEach((term, i) => {
    term.forEach((name, axis) => {
      const length = xs[i].shape[axis];
      if ((lengths.get(name) ?? 1) === 1) lengths.set(name, length);
    });
  });
  const operands = xs.map((x, i) => simplified(x, terms[i], lengths));
  let total = operands[0];
  for (let i = 1; i < operands.length; i++) {
    const later = operands.slice(i + 1).flatMap(({ axes }) => axes);
    total = contracted(total, operands[i], (name) => result.includes(name) || later.includes(name));
  }
  return ordered(
    summed(total, (name) => result.includes(name)),
    result,
  );
}

export const products: Layers = {
  Einsum: {
    affine: 'singly',
    ...wholeMap,
    // Operands that may be images begin with the axis that the result begins with.
    images: ({ attributes, constant }) => {
      const [left, right = ''] = text(attributes, 'equation', '').replaceAll(' ', '').split('->');
      return left.split(',').every((term, i) => term[0] === right[0] || constant(i) !== undefined);
    },
    inputs: [1, Number.POSITIVE_INFINITY],
    attributes: { equation: 'text' },
    evaluate: (inputs, attributes) =>
      einsum(
        text(attributes, 'equation', ''),
        inputs.map((_, i) => need(inputs, i, `${i}`)),
      ),
  },
};
