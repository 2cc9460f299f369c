import { createHash } from 'node:crypto';
import type { Digest } from '../model/file/parseModelData.ts';

/** SHA-256 by Node's own. */
export const digestBytes: Digest = (chunks) => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};
