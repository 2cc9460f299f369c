/**
 * Random networks on the device against the reference: `npm run fuzz -- [--seeds 1000] [--from 0] [--gradients]`. Values, and bits over
 * threads, batches and places in the batch; see test/support/random.
 */
import { parseArgs } from 'node:util';
import { checkRandomGradients } from '../test/support/random/checkRandomGradients.ts';
import { checkRandomModel, isAccurate } from '../test/support/random/checkRandomModel.ts';
import { randomModel } from '../test/support/random/randomModel.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    gradients: { type: 'boolean', default: false },
  },
});
const [count, from] = [Number(values.seeds), Number(values.from)];
const report = createReport();
const errors: { seed: number; error: number }[] = [];
for (let seed = from; seed < from + count; seed++) {
  const operators = randomModel(seed).nodes.map(({ op }) => op);
  await report.guard(`seed ${seed}, ${operators.join(' ')}`, async () => {
    const verdict = await (values.gradients ? checkRandomGradients(seed) : checkRandomModel(seed));
    if (verdict === undefined) return;
    const { error, roundings } = verdict;
    errors.push({ seed, error });
    const figures = `error ${error.toExponential(1)}, of the reference in float32 ${roundings.toExponential(1)}`;
    report.check(`seed ${seed}`, isAccurate(verdict), figures);
  });
}
errors.sort((a, b) => b.error - a.error);
const worst = errors.slice(0, 5).map(({ seed, error }) => `${error.toExponential(1)} (seed ${seed})`);
report.note(`largest errors: ${worst.join(', ')}`);
report.close();
