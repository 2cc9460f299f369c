/**
 * Exact diagonals of today's heads beside one gradient of the same head: `npm run bench:heads -- [--only vit,swin] [--score exp]
 * [--rounds 9] [--prune 1e-12] [--confidence 0.999]`. Medians, in turns, one thread; what the plan `jets` would have cost stands beside.
 * Random weights give flat probabilities: with --confidence the logits are multiplied such that the top class, which is then the one
 * explained, has that probability.
 */
import { parseArgs } from 'node:util';
import { createScore, type NamedScore } from '../../src/cam/score.ts';
import { diagonal, grad, mul, reshape, type Tensor } from '../../src/core.ts';
import { factorFor } from '../confidence.ts';
import { heads } from './heads.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'convnext,efficientnet,mobilenet,swin' },
    score: { type: 'string', default: 'exp' },
    rounds: { type: 'string', default: '9' },
    prune: { type: 'string', default: '0' },
    confidence: { type: 'string' },
  },
});

function seconds(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1];
const count = (multiplyAdds: number) => multiplyAdds.toExponential(1);

for (const name of values.only.split(',')) {
  const make = heads[name];
  if (make === undefined) {
    process.stderr.write(`there is no head ${name}; there are ${Object.keys(heads).join(', ')}\n`);
    process.exit(2);
  }
  const { name: title, activation, head } = make();
  const plain = (a: Tensor) => reshape(head(a), [-1]);
  const { data: z } = plain(activation);
  const confidence = values.confidence === undefined ? undefined : Number(values.confidence);
  const factor = confidence === undefined ? 1 : factorFor(z, confidence);
  const classIndex = confidence === undefined ? 7 : z.indexOf(Math.max(...z));
  const score = createScore(values.score as NamedScore, { classIndex, ending: 'none' });
  const logits = factor === 1 ? plain : (a: Tensor) => mul(plain(a), factor);
  const gradients: number[] = [];
  const diagonals: number[] = [];
  let told = '';
  for (let round = 0; round < Number(values.rounds); round++) {
    gradients.push(seconds(() => grad((a: Tensor) => score.value(logits(a)).y)(activation)));
    diagonals.push(
      seconds(() => {
        const { plan, certificate } = diagonal(logits, activation, { score, prune: Number(values.prune) });
        const [jets] = plan.candidates;
        const { pruned } = certificate;
        const left =
          pruned &&
          `; ${pruned.merged} classes merged, errors at most ${pruned.bounds.map(count).join(', ')}`;
        told = `${plan.name}, ${certificate.live} entries, ${count(plan.multiplyAdds)} multiply-adds (jets ${count(jets.multiplyAdds)})${left ?? ''}`;
      }),
    );
  }
  const [own, all] = [median(gradients), median(diagonals)];
  process.stdout.write(
    `${title}, ${values.score}: ${(1000 * all).toFixed(1)} ms, ${(all / own).toFixed(1)} gradients of ${(1000 * own).toFixed(1)} ms; ${told}\n`,
  );
}
