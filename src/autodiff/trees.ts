import type { Tensor } from '../tensor/tensor.ts';

/**
 * Parameters are trees: a tensor, or arrays and records of trees. Functions of trees take any object type, so that
 * interfaces serve as well as records.
 */
export type Tree = object;

function isLeaf(tree: Tree): tree is Tensor {
  return 'shape' in tree && 'stride' in tree;
}

/** The tensors of a tree: arrays in order, records in the order of their keys. */
export function treeLeaves(tree: Tree): Tensor[] {
  return isLeaf(tree) ? [tree] : Object.values(tree as Record<string, Tree>).flatMap(treeLeaves);
}

/** The same tree with other tensors, given in the order of `treeLeaves`. */
export function treeOf<X extends Tree>(like: X, leaves: readonly Tensor[]): X {
  let next = 0;
  const build = (tree: Tree): Tree => {
    if (isLeaf(tree)) return leaves[next++];
    if (Array.isArray(tree)) return tree.map(build);
    return Object.fromEntries(Object.entries(tree).map(([name, branch]) => [name, build(branch as Tree)]));
  };
  return build(like) as X;
}

/** f of corresponding tensors of one or more trees of the same kind. */
export function mapTree<X extends Tree>(f: (...leaves: Tensor[]) => Tensor, first: X, ...others: X[]): X {
  const rest = others.map(treeLeaves);
  return treeOf(
    first,
    treeLeaves(first).map((leaf, i) => f(leaf, ...rest.map((leaves) => leaves[i]))),
  );
}
