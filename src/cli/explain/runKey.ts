import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { packageVersion } from '../../node/ownPackage.ts';
import { backend } from '../../tensor/kernels/backend.ts';
import type { Asking } from '../shared/asking.ts';
import type { ModelChoice } from '../shared/openModel.ts';
import type { ExplainFlags } from './plan.ts';

/** Flags that change where results go and how they are got, but not what they are; files that are named count by what is in them. */
const beside: ReadonlySet<string> = new Set([
  ...['out', 'quiet', 'fresh', 'resume', 'threads', 'backend', 'maxPixels', 'maxMemory'],
  ...['model', 'labels', 'preprocess'],
]);

/**
 * What a picture's results depend on beside the picture: the version, what computes, the model's files as they are, and every flag that is
 * not known to leave results alone. The same text means the same results, byte for byte.
 */
export function runKey(flags: ExplainFlags, choice: ModelChoice, asking: Asking): string {
  const { model, files, preprocessing, preprocessName } = choice;
  const given = Object.entries(flags).filter(([name]) => !beside.has(name));
  const facts = {
    version: packageVersion(),
    backend: backend().name,
    model: files.map(({ path, size, modified }) => [basename(path), size, modified]),
    labels: model.labels,
    preprocessing: [preprocessName, preprocessing],
    ...(asking.files.size > 0 && { scored: [...asking.files.values()] }),
    flags: given.sort(([a], [b]) => (a < b ? -1 : 1)),
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
