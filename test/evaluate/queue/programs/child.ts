/** A process that computes, for tests: bytes that depend on the key alone, after a while; some keys end it, some are refused, one takes a minute. */
import { setTimeout } from 'node:timers/promises';
import { serve } from '../../../../src/evaluate/child.ts';
import type { Job } from '../../../../src/evaluate/queue/job.ts';
import { InputError } from '../../../../src/tensor/errors.ts';
import { goldenOf } from '../golden.ts';

const [milliseconds = '0', fatal = '', refused = '', wrong = '', slow = ''] = process.argv.slice(2);

serve<Job, Uint8Array>(async ({ key }) => {
  const pause = key === slow ? 60_000 : Number(milliseconds);
  if (pause > 0) await setTimeout(pause);
  if (key === fatal) process.exit(9);
  if (key === refused) throw new InputError(`Cannot use ${key}: it is damaged`);
  return goldenOf(key === wrong ? `${key}!` : key);
}, 'a test');
