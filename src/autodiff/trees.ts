import { describe } from '../tensor/describe.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { wantFunction } from '../tensor/options.ts';
import { asTensor, isNdarray, isTensor, type Tensor, type TensorLike } from '../tensor/tensor.ts';

/**
 * Parameters are trees: a tensor, or arrays and records of trees. Functions of trees take any object type, so that
 * interfaces serve as well as records. Every leaf is a tensor: a number beside the weights is not differentiated, so it
 * belongs into a further argument.
 */
export type Tree = object;

/** A tree like X with a tree of type Y in place of each tensor: what the derivative of one tree by another is. */
export type TreeOf<X, Y> = X extends Tensor ? Y : { readonly [K in keyof X]: TreeOf<X[K], Y> };

const DEEPEST = 64;

type Path = readonly (string | number)[];

/** `x.layers[0].w` */
function formatPath(path: Path): string {
  return path
    .map((key, i) => (i === 0 || typeof key === 'number' ? key : `.${key}`))
    .map((key) => (typeof key === 'number' ? `[${key}]` : key))
    .join('');
}

const isLeaf = (tree: unknown): boolean => isTensor(tree) || isNdarray(tree);

/** The branches of an array or a plain record, by key; undefined for anything else. */
function branchesOf(tree: unknown): [string | number, unknown][] | undefined {
  if (Array.isArray(tree)) return tree.map((branch, i) => [i, branch]);
  if (typeof tree !== 'object' || tree === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(tree);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? Object.entries(tree) : undefined;
}

/** f of each leaf in its place. */
function build(tree: unknown, f: (leaf: Tensor, path: Path) => unknown, path: Path): unknown {
  if (isLeaf(tree)) return f(asTensor(tree as Tensor), path);
  const branches = branchesOf(tree);
  if (branches === undefined || path.length > DEEPEST) {
    const got = branches === undefined ? describe(tree) : `a tree nested deeper than ${DEEPEST}`;
    throw new InputError(
      `Cannot use a tree of tensors: ${formatPath(path)} is not a tensor but ${got}; leave out of the tree what is not to be differentiated, or make it a tensor(…)`,
    );
  }
  const built = branches.map(([key, branch]) => [key, build(branch, f, [...path, key])] as const);
  return Array.isArray(tree) ? built.map(([, branch]) => branch) : Object.fromEntries(built);
}

/** f of each tensor of a tree, in the order of `treeLeaves`; what f gives stands in its place. */
export function replaceLeaves<X, Y>(
  tree: X,
  f: (leaf: Tensor, index: number) => Y,
  name = 'the tree',
): TreeOf<X, Y> {
  let next = 0;
  return build(tree, (leaf) => f(leaf, next++), [name]) as TreeOf<X, Y>;
}

/**
 * The tensors of a tree: arrays in order, records in the order of their keys.
 * @throws InputError naming the path of the first leaf that is not a tensor.
 * @example
 * const params = { w: tensor([1, 2]), layers: [{ b: tensor(3) }] };
 * treeLeaves(params).length // 2
 */
export function treeLeaves(tree: Tree): Tensor[] {
  return leavesOf(tree, 'the tree');
}

/** `treeLeaves` of what the caller knows by a name. */
export function leavesOf(tree: unknown, name: string): Tensor[] {
  const leaves: Tensor[] = [];
  build(tree, (leaf) => leaves.push(leaf), [name]);
  return leaves;
}

/**
 * The same tree with other tensors, given in the order of `treeLeaves`.
 * @throws InputError when there are more or fewer tensors than leaves.
 * @example
 * treeOf({ w: tensor(1), b: tensor(2) }, [tensor(3), tensor(4)]).b // 4
 */
export function treeOf<X extends Tree>(like: X, leaves: readonly Tensor[]): X {
  if (!Array.isArray(leaves)) {
    throw new InputError(`Cannot make a tree: a list of tensors is wanted, got ${describe(leaves)}`);
  }
  const count = leavesOf(like, 'the tree').length;
  if (leaves.length !== count) {
    throw new InputError(`Cannot make a tree: it has ${count} tensors, got ${leaves.length}`);
  }
  return replaceLeaves<Tree, Tensor>(like, (_, i) => leaves[i]) as X;
}

/** The tensors of a tree that has to be like another: the same keys, in any order. */
export function leavesLike(like: unknown, tree: unknown, name: string): Tensor[] {
  const at = (path: Path): unknown =>
    path
      .slice(1)
      .reduce<unknown>((branch, key) => (branch as Record<string, unknown> | undefined)?.[key], tree);
  const leaves: Tensor[] = [];
  build(
    like,
    (_, path) => {
      const leaf = at(path);
      if (!isLeaf(leaf)) {
        throw new ShapeError(
          `Cannot match two trees: a tensor is wanted at ${formatPath([name, ...path.slice(1)])}, got ${describe(leaf)}`,
        );
      }
      leaves.push(asTensor(leaf as Tensor));
    },
    [name],
  );
  const count = leavesOf(tree, name).length;
  if (count !== leaves.length) {
    throw new ShapeError(
      `Cannot match two trees: ${name} has ${count} tensors where ${leaves.length} are wanted`,
    );
  }
  return leaves;
}

/**
 * f of corresponding tensors of one or more trees of the same kind.
 * @throws InputError naming the path of the first leaf that is not a tensor. @throws ShapeError when the trees differ.
 * @example
 * const params = { w: tensor([1, 2]), b: tensor(3) };
 * const slopes = grad((p: typeof params) => sum(add(mul(p.w, p.w), p.b)))(params);
 * mapTree((p, g) => sub(p, mul(0.1, g)), params, slopes).w // [0.8, 1.6]
 */
export function mapTree<X extends Tree>(f: (...leaves: Tensor[]) => Tensor, first: X, ...others: X[]): X {
  wantFunction(f, 'f', 'map a tree');
  const rest = others.map((other, i) => leavesLike(first, other, `tree ${i + 2}`));
  return replaceLeaves<Tree, Tensor>(first, (leaf, i) => f(leaf, ...rest.map((leaves) => leaves[i]))) as X;
}

/** f of each tensor in arrays and records, whatever else they hold: that stays as it is. */
export function replaceTensors(value: unknown, f: (x: Tensor) => Tensor, depth = 0): unknown {
  if (isTensor(value)) return f(value);
  const branches = depth > DEEPEST ? undefined : branchesOf(value);
  if (branches === undefined) return value;
  const replaced = branches.map(([key, branch]) => [key, replaceTensors(branch, f, depth + 1)] as const);
  return Array.isArray(value) ? replaced.map(([, branch]) => branch) : Object.fromEntries(replaced);
}

/** A point as a tree: numbers and nested arrays of numbers become a tensor. */
export function pointOf<X>(x: X): X | Tensor {
  let first: unknown = x;
  for (let depth = 0; Array.isArray(first) && depth < DEEPEST; depth++) first = first[0];
  const isNumbers = typeof first === 'number' || ArrayBuffer.isView(x);
  return isNumbers || isNdarray(x) ? asTensor(x as TensorLike) : x;
}
