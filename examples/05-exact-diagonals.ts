/** D1, D2 and D3 of a class's probability, by every plan there is: all of them exact, so they agree. */
import { createRandom, createScore, diagonal, silu, type Tensor } from 'jetgrad';
import { linear, linearParameters } from 'jetgrad/nn';

const random = createRandom(1);
const [first, second] = [linearParameters(6, 32, random), linearParameters(32, 4, random)];
const logits = (a: Tensor) => linear(silu(linear(a, first)), second);
const a = random.normals([6]);
const score = createScore('prob', { classIndex: 2 });

const { d3, plan } = diagonal(logits, a, { score });
for (const { name } of plan.candidates.filter(({ applicable }) => applicable)) {
  const other = diagonal(logits, a, { score, plan: name });
  const error = d3.data.reduce((most, value, i) => Math.max(most, Math.abs(value - other.d3.data[i])), 0);
  console.log(error < 1e-14); // true
}
