/** Removes the declarations that no entry's declarations lead to: they are of what is not exported. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function pruneTypes(folder, entries) {
  const seen = new Set(entries);
  for (const file of seen) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g)) {
      seen.add(join(dirname(file), `${target}.d.ts`));
    }
  }
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.endsWith('.d.ts') && !seen.has(file)) rmSync(join(folder, file));
  }
}
