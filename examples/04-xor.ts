/** A network learns XOR: two layers, 500 steps of Adam. */
import { createRandom, grad, mean, mul, sigmoid, softplus, sub, tanh, tensor } from 'jetgrad';
import { adam, linear, linearParameters } from 'jetgrad/nn';

const random = createRandom(1);
const x = tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
const y = tensor([0, 1, 1, 0], [4, 1]);
let params = { hidden: linearParameters(2, 8, random), out: linearParameters(8, 1, random) };
const logits = (p: typeof params) => linear(tanh(linear(x, p.hidden)), p.out);
// Cross-entropy, −log p of what is true: softplus(z) − y z.
const loss = (p: typeof params) => mean(sub(softplus(logits(p)), mul(y, logits(p))));

const step = adam({ rate: 0.05 });
for (let i = 0; i < 500; i++) params = step(params, grad(loss)(params));

console.log(Array.from(sigmoid(logits(params)).data, Math.round)); // [0, 1, 1, 0]
console.log(loss(params).data[0] < 0.01); // true
