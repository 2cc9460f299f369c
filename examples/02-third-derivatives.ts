/** All third derivatives of f: R³ → R, [3, 3, 3]: transforms nest. */
import { at, exp, hessian, jacobian, mul, sin, type Tensor, tensor } from 'jetgrad';

const f = (x: Tensor) => mul(exp(at(x, 0)), mul(sin(at(x, 1)), mul(at(x, 2), at(x, 2))));
const d3 = jacobian(hessian(f))(tensor([0, 0.5, 3]));
console.log(d3.shape); // [3, 3, 3]

// ∂³f/∂x∂y∂z = eˣ cos y · 2z, whatever the order.
console.log([at(d3, [0, 1, 2]), at(d3, [2, 1, 0])]); // [6 * Math.cos(0.5), 6 * Math.cos(0.5)]
