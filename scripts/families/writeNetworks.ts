/**
 * Renews the tables of docs/networks.md: `npm run networks -- [FOLDER]`. Of torchvision's families where a folder is given that export.py
 * wrote, and of the files that are at hand: in the repository, and under $JETGRAD_DATA. Says how far each is from ONNX Runtime.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportsIn, filesAtHand, networkOf, type Part, rowOf, withRows } from './networksTable.ts';
import { distance, normalInput } from './runtime.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = join(root, 'docs/networks.md');
const [folder] = process.argv.slice(2);

async function renew(part: Part, files: ReadonlyMap<string, string>): Promise<void> {
  const rows: string[] = [];
  for (const [name, file] of files) {
    rows.push(await rowOf(name, file));
    const model = await networkOf(name, file);
    const far = file.endsWith('.onnx') ? await distance(file, model, normalInput(model)) : '';
    process.stderr.write(`${rows.at(-1)} ${far}\n`);
  }
  writeFileSync(path, withRows(readFileSync(path, 'utf8'), part, rows));
}

if (folder !== undefined) await renew('torchvision', exportsIn(folder));
await renew('files', filesAtHand(root, process.env.JETGRAD_DATA ?? join(root, '../shared/data')));
