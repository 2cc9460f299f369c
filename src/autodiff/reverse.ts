import { withSlabs } from '../tensor/arrays.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { fromData, full, type Tensor, type TensorLike, zeros } from '../tensor/tensor.ts';
import { reshape } from './operations.ts';
import { outputLeaves, wantTensor } from './outputs.ts';
import {
  type HasAux,
  type Input,
  type LikeInput,
  type PointOf,
  type Prepared,
  prepare,
} from './signatures.ts';
import { originOf, pullback, record, seedsOf, type Tape, type TapeNode } from './tape.ts';
import { levelOf, owned, primalAt } from './trace.ts';
import { leavesLike, leavesOf, pointOf, replaceLeaves, type Tree, type TreeOf } from './trees.ts';

/** A run of f on a tree, with what leads from the tensors it gave back to those of the tree. */
interface Recording {
  readonly tape: Tape;
  readonly point: unknown;
  /** The tensors of x. */
  readonly leaves: readonly Tensor[];
  /** What f gave, with its values one level down. */
  readonly y: unknown;
  readonly values: readonly Tensor[];
  /** The node of each of its tensors; undefined for a constant. */
  readonly nodes: readonly (TapeNode | undefined)[];
}

function recordTree(f: Prepared, x: unknown, read: (y: unknown) => readonly Tensor[]): Recording {
  const point = pointOf(x);
  const leaves = leavesOf(point, 'x');
  let y: unknown;
  let traced: readonly Tensor[] = [];
  const { tape } = record((roots) => {
    const x = replaceLeaves(point, (_, i) => roots[i]);
    y = withSlabs(() => f(x));
    traced = read(y);
    return traced[0] ?? zeros([]);
  }, leaves);
  const values = traced.map((each) => owned(primalAt(each, tape.level)));
  const nodes = traced.map((each) => (levelOf(each) === tape.level ? originOf(each) : undefined));
  return { tape, point, leaves, y: replaceLeaves(y, (_, i) => values[i]), values, nodes };
}

/** The cotangents of x's tensors for those of y's, which may have lanes. */
function pullTree({ tape, leaves, values, nodes }: Recording, cotangents: readonly Tensor[]): Tensor[] {
  const seeds = seedsOf(nodes, cotangents);
  const grads = seeds.size === 0 ? [] : withSlabs(() => pullback(tape, seeds, tape.roots));
  const lanes =
    cotangents.length === 0
      ? []
      : cotangents[0].shape.slice(0, cotangents[0].shape.length - values[0].shape.length);
  return leaves.map((leaf, i) => {
    const g = grads[i];
    return g ? owned(g) : zeros([...lanes, ...leaf.shape], leaf.dtype);
  });
}

/**
 * The vector-Jacobian product: y = f(x), and a function from a cotangent g (of y's shape) to gᵀ ∂f/∂x (of x's shape).
 * x and y may be trees of tensors. g may have extra leading axes (lanes): each is a cotangent of its own.
 * Cost: one evaluation of f; about two more for each pullback.
 * @throws ShapeError when g is not of y's shape. @throws InputError when f does not return a tensor or a tree of tensors.
 * @example
 * const { y, pullback } = vjp((x) => mul(x, x), [1, 2]);
 * y // [1, 4]
 * pullback([1, 10]) // [2, 40]
 */
export function vjp<Y extends Tree>(
  f: (x: Tensor) => Y,
  x: TensorLike,
): { y: Y; pullback: (g: PointOf<Y>) => Tensor };
export function vjp<X extends Tree, Y extends Tree>(
  f: (x: X) => Y,
  x: X,
): { y: Y; pullback: (g: PointOf<Y>) => X };
export function vjp<Y extends Tree, A>(
  f: (x: Tensor) => readonly [Y, A],
  x: TensorLike,
  options: HasAux,
): { y: Y; pullback: (g: PointOf<Y>) => Tensor; aux: A };
export function vjp<X extends Tree, Y extends Tree, A>(
  f: (x: X) => readonly [Y, A],
  x: X,
  options: HasAux,
): { y: Y; pullback: (g: PointOf<Y>) => X; aux: A };
export function vjp(f: unknown, x: unknown, options?: HasAux): unknown {
  const action = 'take vjp';
  const prepared = prepare(f, { options, action });
  const recording = recordTree(prepared, x, (y) => outputLeaves(y, action));
  return {
    y: recording.y,
    pullback: (g: unknown) => {
      const cotangents = leavesLike(recording.y, pointOf(g), 'g');
      checkLanes(cotangents, recording.values);
      const pulled = pullTree(recording, cotangents);
      return replaceLeaves(recording.point, (_, i) => pulled[i]);
    },
    ...prepared.aux(recording.tape.level),
  };
}

function checkLanes(cotangents: readonly Tensor[], values: readonly Tensor[]): void {
  const lanes = (i: number) =>
    cotangents[i].shape.slice(0, cotangents[i].shape.length - values[i].shape.length);
  cotangents.forEach((g, i) => {
    if (formatShape([...lanes(0), ...values[i].shape]) === formatShape(g.shape)) return;
    throw new ShapeError(
      `Cannot pull back: the cotangent must have the output's shape ${formatShape(values[i].shape)}, got ${formatShape(g.shape)}`,
    );
  });
}

function wantScalar(y: unknown): Tensor {
  const value = wantTensor(y, 'take grad');
  if (sizeOf(value.shape) !== 1) {
    throw new ShapeError(
      `Cannot take grad of f: output must be a scalar, got shape ${formatShape(value.shape)}; use jacobian instead`,
    );
  }
  return value;
}

/**
 * f's value and its gradient ∂f/∂x, for a tree of tensors x (a tensor, or arrays and records of them): the gradient has
 * the same tree. Further arguments are handed to f and are not differentiated; with `{ hasAux: true }` f returns [y, aux],
 * and aux comes back beside the gradient. Cost: about three evaluations of f, whatever the number of entries.
 * @throws ShapeError when f's output is not a scalar. @throws InputError when it is no tensor, or x holds anything but tensors.
 * @example
 * const loss = (p: { w: Tensor; b: Tensor }, x: Tensor) => sum(add(mul(p.w, x), p.b));
 * const { value, gradient } = valueAndGrad(loss)({ w: tensor(2), b: tensor(1) }, tensor(3));
 * value // 7
 * gradient.w // 3
 */
export function valueAndGrad<X extends Input = Tensor, R extends readonly unknown[] = []>(
  f: (x: X, ...rest: R) => Tensor,
): (x: PointOf<X>, ...rest: R) => { value: Tensor; gradient: LikeInput<X> };
export function valueAndGrad<X extends Input = Tensor, R extends readonly unknown[] = [], A = unknown>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: PointOf<X>, ...rest: R) => { value: Tensor; gradient: LikeInput<X>; aux: A };
export function valueAndGrad(f: unknown, options?: HasAux): unknown {
  const action = 'take grad';
  prepare(f, { options, action });
  return (x: unknown, ...rest: unknown[]) => {
    const prepared = prepare(f, { rest, options, action });
    const recording = recordTree(prepared, x, (y) => [wantScalar(y)]);
    const [value] = recording.values;
    const pulled = pullTree(recording, [full(value.shape, 1, value.dtype)]);
    return {
      value,
      gradient: replaceLeaves(recording.point, (_, i) => pulled[i]),
      ...prepared.aux(recording.tape.level),
    };
  };
}

/**
 * The gradient ∂f/∂x of a scalar function, as a function of x: of x's shape, or of its tree. Further arguments are handed
 * to f and are not differentiated; with `{ hasAux: true }` f returns [y, aux], and { gradient, aux } comes back.
 * @throws ShapeError when f's output is not a scalar. @throws InputError when it is no tensor, or x holds anything but tensors.
 * @example
 * grad((x) => sum(mul(x, x)))(tensor([1, 2])) // [2, 4]
 * grad((x, k: number) => sum(mul(k, mul(x, x))))([1, 2], 3) // [6, 12]
 * grad((x) => [sum(mul(x, x)), { x }], { hasAux: true })([1, 2]).aux.x // [1, 2]
 */
export function grad<X extends Input = Tensor, R extends readonly unknown[] = []>(
  f: (x: X, ...rest: R) => Tensor,
): (x: PointOf<X>, ...rest: R) => LikeInput<X>;
export function grad<X extends Input = Tensor, R extends readonly unknown[] = [], A = unknown>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: PointOf<X>, ...rest: R) => { gradient: LikeInput<X>; aux: A };
export function grad(f: unknown, options?: HasAux): unknown {
  const both = (valueAndGrad as (f: unknown, options: unknown) => Gradient)(f, options);
  return (x: unknown, ...rest: unknown[]) => {
    const { value: _, gradient, ...aux } = both(x, ...rest);
    return options?.hasAux === true ? { gradient, ...aux } : gradient;
  };
}

type Gradient = (x: unknown, ...rest: unknown[]) => { value: Tensor; gradient: unknown; aux?: unknown };

/** The identity as one cotangent (or tangent) for each entry: [n, ...shape], n the number of entries. */
export function basis(shape: readonly number[]): Tensor {
  const n = sizeOf(shape);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return fromData(data, [n, ...shape]);
}

/**
 * All first derivatives ∂f_i/∂x_j, as a function of x: shape [...y's shape, ...x's shape]. For trees, y's tree with x's tree in place
 * of each tensor. Further arguments and `hasAux` as for `grad`. By reverse mode: one pullback for each entry of y, all at once.
 * @throws InputError when f does not return a tensor or a tree of tensors, or x holds anything else.
 * @example
 * jacobian((x) => mul(x, x))(tensor([1, 2])) // [[2, 0], [0, 4]]
 */
export function jacobian<
  X extends Input = Tensor,
  R extends readonly unknown[] = [],
  Y extends Tree = Tensor,
>(f: (x: X, ...rest: R) => Y): (x: PointOf<X>, ...rest: R) => TreeOf<Y, TreeOf<LikeInput<X>, Tensor>>;
export function jacobian<
  X extends Input = Tensor,
  R extends readonly unknown[] = [],
  Y extends Tree = Tensor,
  A = unknown,
>(
  f: (x: X, ...rest: R) => readonly [Y, A],
  options: HasAux,
): (x: PointOf<X>, ...rest: R) => { jacobian: TreeOf<Y, TreeOf<LikeInput<X>, Tensor>>; aux: A };
export function jacobian(f: unknown, options?: HasAux): unknown {
  const action = 'take jacobian';
  prepare(f, { options, action });
  return (x: unknown, ...rest: unknown[]) => {
    const prepared = prepare(f, { rest, options, action });
    const recording = recordTree(prepared, x, (y) => outputLeaves(y, action));
    const { point, leaves, values } = recording;
    const rowsOf = (y: Tensor, at: number): Tensor[] => {
      const seed = basis(y.shape);
      const own = { ...recording, values: [y], nodes: [recording.nodes[at]] };
      return pullTree(own, [seed]).map((rows, i) => reshape(rows, [...y.shape, ...leaves[i].shape]));
    };
    const rows = values.map(rowsOf);
    const all = replaceLeaves(recording.y, (_, j) => replaceLeaves(point, (_, i) => rows[j][i]));
    const aux = prepared.aux(recording.tape.level);
    return 'aux' in aux ? { jacobian: all, ...aux } : all;
  };
}
