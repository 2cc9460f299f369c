import { Option } from 'commander';
import { decimalNumber } from './parseOptions.ts';

/** Which error merging improbable classes may make. */
export const pruneOption = () =>
  new Option(
    '--prune <share>',
    'with prob and logprob, merge improbable classes: largest error of D_r as a share of the largest, such as 1e-12',
  )
    .argParser(decimalNumber('prune', { least: 0, most: 0.999 }))
    .default(0, 'off: exact');
