/**
 * The laws of derivatives, the bounds of pruning and the diagonals of norms on more random heads than the tests take, with another seed:
 * `npm run laws -- [--runs 2000] [--seed 2]`.
 */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '2' } },
});
process.env.JETGRAD_RUNS = values.runs;
process.env.JETGRAD_HEADS = values.runs;
process.env.JETGRAD_SEED = values.seed;
process.argv.splice(2, process.argv.length, 'autodiff/properties', 'diagonal/prune', 'diagonal/groups');
await import('../test/run.ts');
