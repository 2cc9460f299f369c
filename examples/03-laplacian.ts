/** The Laplacian of a small network, three ways: one exact pass, the trace of the Hessian, and a jet along each axis. */
import * as jg from 'jetgrad';
import { linear, linearParameters } from 'jetgrad/nn';

const random = jg.createRandom(1);
const [first, second] = [linearParameters(3, 16, random), linearParameters(16, 1, random)];
const f = (x: jg.Tensor) => jg.sum(linear(jg.tanh(linear(x, first)), second));
const x = random.normals([3]);
const axes = jg.oneHot([0, 1, 2], 3);

const exact = jg.sum(jg.diagonal(f, x, { order: 2 }).d2);
const trace = jg.sum(jg.mul(jg.hessian(f)(x), axes));
const jets = [0, 1, 2].map((i) => jg.derivatives(f, x, { direction: jg.at(axes, i), order: 2 })[2]);
console.log(jg.sub(exact, trace)); // 0
console.log(jets.reduce((rest, second) => jg.sub(rest, second), exact)); // 0
