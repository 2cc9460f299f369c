import { createHash } from 'node:crypto';
import type { Digest } from '../model/file/parseModelData.ts';
import { type FileContent, piecesOf } from './stage.ts';

const digest = (pieces: Iterable<string | Uint8Array>): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** SHA-256 by Node's own. */
export const digestBytes: Digest = digest;

/** A name for content that no other has. */
export const sha256Of = (content: FileContent): string => digest(piecesOf(content));
