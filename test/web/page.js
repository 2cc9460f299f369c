import { createScore, diagonal, fromData, parseModel } from './core.js';

/** Largest error relative to the largest wanted value. */
function errorOf(got, wanted) {
  const largest = Math.max(...wanted.map(Math.abs)) || 1;
  return Math.max(...wanted.map((value, i) => Math.abs(got[i] - value))) / largest;
}

const golden = await (await fetch('vgg.json')).json();
const model = parseModel(await (await fetch('vgg.model.json')).text());
const split = model.split(golden.activation.tensor, { trunkPrecision: 'float64' });
const run = await split.at(fromData(Float64Array.from(golden.input.data), golden.input.shape));
const errors = {};
for (const { score, classIndex, d1, d2, d3 } of golden.cases) {
  const result = diagonal(run.head, run.activation, { score: createScore(score, { classIndex }) });
  [d1, d2, d3].forEach((wanted, r) => {
    errors[`${score} D${r + 1}`] = errorOf(result.derivatives[r].data, wanted);
  });
}
const element = document.querySelector('#result');
element.textContent = JSON.stringify(errors);
element.dataset.done = '';
