/** The product of a loss's Hessian with a direction. Parameters are a tree of tensors, and so is the product. */
import { createRandom, grad, hvp, jvp, mapTree, mean, power, sub, tanh } from 'jetgrad';
import { linear, linearParameters } from 'jetgrad/nn';

const random = createRandom(1);
const [x, y] = [random.normals([32, 2]), random.normals([32, 1])];
const params = { hidden: linearParameters(2, 8, random), out: linearParameters(8, 1, random) };
const net = (p: typeof params) => linear(tanh(linear(x, p.hidden)), p.out);
const loss = (p: typeof params) => mean(power(sub(net(p), y), 2));
const v = mapTree((w) => random.normals(w.shape), params);
const product = hvp(loss, params, v);
console.log(product.hidden.weight.shape); // [2, 8]

// It is the derivative of the gradient along v.
const { dy } = jvp(grad(loss), params, v);
console.log(sub(product.out.bias, dy.out.bias)); // [0]
