/** What a strict consumer's compiler infers: checked by `npm run types`, never run. */
import {
  add,
  type DoubleTensor,
  diagonal,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  sin,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  tensor,
  valueAndGrad,
  vjp,
} from '../src/core.ts';

/** Compiles where A and B are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

interface Params {
  w: Tensor;
  layers: { b: Tensor }[];
}
declare const params: Params;
declare const batch: Tensor;
const loss = (p: Params, x: Tensor): Tensor => sum(add(matmul(p.w, x), p.layers[0].b));

// A parameter without a type is a tensor, and a point may be numbers.
const g = grad((x) => sum(mul(x, x)));
same<typeof g, (x: TensorLike) => Tensor>(true);
same<ReturnType<typeof g>, Tensor>(true);
g(2);
g([1, 2]);
g(tensor([1, 2]));
grad(grad(sin))(1);
grad((x) => sum(grad((y) => sum(mul(x, y)))(x)))(2);
const first = valueAndGrad((x) => sum(x))(1);
same<typeof first, { value: Tensor; gradient: Tensor }>(true);
const j = jacobian((x) => mul(x, x))([1, 2]);
same<typeof j, Tensor>(true);
const h = hessian((x) => sum(x))([1, 2]);
same<typeof h, Tensor>(true);

// Trees keep their type; further arguments pass through.
const gradient = grad(loss)(params, batch);
same<typeof gradient, Params>(true);
const both = valueAndGrad(loss)(params, batch);
same<typeof both.gradient, Params>(true);
const blocks = hessian(loss)(params, batch);
same<typeof blocks.w.layers, { b: Tensor }[]>(true);
const rows = jacobian((p: Params, x: Tensor) => ({ y: matmul(p.w, x) }))(params, batch);
same<typeof rows.y, { readonly w: Tensor; readonly layers: readonly { readonly b: Tensor }[] }>(true);
// @ts-expect-error the batch is missing
grad(loss)(params);
// @ts-expect-error a tree is no array of numbers
grad(loss)([1, 2], batch);
// @ts-expect-error a number is no tensor
grad((x) => x.shape.length);

// What f gives beside its value.
const aux = grad((x) => [sum(x), { half: mul(0.5, x) }], { hasAux: true })(batch);
same<typeof aux, { gradient: Tensor; aux: { half: Tensor } }>(true);

// Evaluators take tensors, numbers and trees.
const pushed = jvp((x) => mul(x, x), [1, 2], [1, 0]);
same<typeof pushed, { y: Tensor; dy: Tensor }>(true);
const pulled = vjp((p) => sub(p.w, p.layers[0].b), params).pullback([1, 2]);
same<typeof pulled, Params>(true);
const curved = hvp((p) => loss(p, batch), params, params);
same<typeof curved, Params>(true);
const slope = jvp((p) => grad(loss)(p, batch), params, params);
same<typeof slope, { y: Params; dy: Params }>(true);

// What was not asked for is not there.
const three = diagonal((a) => sum(a), [1, 2]);
same<typeof three.d3.data, Float64Array>(true);
const two = diagonal((a) => sum(a), [1, 2], { order: 2 });
same<typeof two.d2.data, Float64Array>(true);
// @ts-expect-error order was 2
two.d3;
// @ts-expect-error order was 1
diagonal((a) => sum(a), [1, 2], { order: 1 }).d2;
declare const order: number;
const some = diagonal((a) => sum(a), [1, 2], { order });
same<typeof some.d3, DoubleTensor | undefined>(true);
three.d2.data.reduce((a, b) => a + b);
