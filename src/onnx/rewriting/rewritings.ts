import { fused } from './fused.ts';
import { quantised } from './quantised.ts';
import type { RewritingRows } from './rewriteNodes.ts';

/** Every operator that is read as others, by its ONNX name. */
export const rewritings: RewritingRows = { ...fused, ...quantised };
