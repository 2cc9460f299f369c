/** Writes the operators of src/layers into docs/operators.md: `npm run operators`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withOperators } from './operatorsTable.ts';

const path = fileURLToPath(new URL('../docs/operators.md', import.meta.url));
writeFileSync(path, withOperators(readFileSync(path, 'utf8')));
