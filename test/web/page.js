// Computes what the test asks for in the address, and writes what came of it as JSON.
import {
  backend,
  createRandom,
  createScore,
  diagonal,
  fromData,
  parseModel,
  setThreads,
  threadCount,
} from './core.js';

const asked = new URL(location.href).searchParams;

const answers = [];
if (globalThis.Worker !== undefined) {
  globalThis.Worker = class extends Worker {
    postMessage(message) {
      if (message.answer !== undefined) answers.push(new Int32Array(message.answer));
      super.postMessage(message);
    }
  };
}

if (asked.has('refuse')) {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function refuse(limits) {
    if (limits.shared) throw new TypeError('no shared memory here');
    return new Memory(limits);
  };
}

/** Largest error relative to the largest wanted value. */
function errorOf(got, wanted) {
  const largest = Math.max(...wanted.map(Math.abs)) || 1;
  return Math.max(...wanted.map((value, i) => Math.abs(got[i] - value))) / largest;
}

async function goldenErrors(name) {
  const golden = await (await fetch(`${name}.json`)).json();
  const model = parseModel(await (await fetch(`${name}.model.json`)).text());
  const split = model.split(golden.activation.tensor, { trunkPrecision: 'float64' });
  const run = await split.at(fromData(Float64Array.from(golden.input.data), golden.input.shape));
  return golden.cases.flatMap(({ score, classIndex, d1, d2, d3 }) => {
    const { derivatives } = diagonal(run.head, run.activation, { score: createScore(score, { classIndex }) });
    return [d1, d2, d3].map((wanted, r) => ({
      what: `${name} ${score} D${r + 1}`,
      error: errorOf(derivatives[r].data, wanted),
    }));
  });
}

/** Scores of the bundled network for two noisy pictures, in float32, each time that it was run. */
async function forward(runs) {
  const model = parseModel(await (await fetch('scenes-vgg.json')).text());
  const shape = [2, ...model.inputShape.slice(1)];
  const random = createRandom(5);
  const input = fromData(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  );
  const outputs = [];
  const more = () => answers.length > 0 && answers.some(([, chunks]) => chunks === 0);
  while (outputs.length < runs || (outputs.length < 500 && asked.has('wait') && more())) {
    const [output] = Object.values(await model.run(input));
    outputs.push([...output.data]);
    await new Promise((resume) => setTimeout(resume, 2));
  }
  return outputs;
}

const before = backend();
const count = asked.has('threads') ? Number(asked.get('threads')) : undefined;
if (count !== undefined) {
  setThreads(count, asked.has('file') ? () => new Worker('worker.js') : undefined);
}
const outputs = await forward(3);
const errors = [];
for (const name of asked.get('goldens').split(',')) errors.push(...(await goldenErrors(name)));
const element = document.querySelector('#result');
element.textContent = JSON.stringify({
  isolated: globalThis.crossOriginIsolated,
  cores: navigator.hardwareConcurrency,
  backend: backend(),
  before,
  threads: threadCount(),
  chunks: answers.map(([, chunks]) => chunks),
  outputs: [...new Set(outputs.map((output) => JSON.stringify(output)))].map((text) => JSON.parse(text)),
  errors,
});
element.dataset.done = '';
