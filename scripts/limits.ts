/** Writes the bounds of src/tensor/limits.ts into docs/limits.md: `npm run limits`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withLimits } from './limitsTable.ts';

const path = fileURLToPath(new URL('../docs/limits.md', import.meta.url));
writeFileSync(path, withLimits(readFileSync(path, 'utf8')));
