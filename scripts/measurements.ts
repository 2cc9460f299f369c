/**
 * What docs/measurements.md holds: `npm run measurements` prints its tables, `npm run measurements -- --write` puts them into the page,
 * where all shared data are there (JETGRAD_DATA, ../shared/data unless set). Times are those of the machine at hand.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { equalityRows } from './measurements/equalities.ts';
import { sigmaRows } from './measurements/sigmas.ts';
import { estimateRows } from './measurements/timings.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean' }, only: { type: 'string' } } });
const path = fileURLToPath(new URL('../docs/measurements.md', import.meta.url));
const report = createReport();

const missing = new Set<string>();
const skip = (file: string) => {
  if (!missing.has(file)) report.skip(file, 'it is not there');
  missing.add(file);
};

const tables = {
  sigma: {
    titles: ['network', 'picture', 'p', 'σ', 'on top at σ', 'forward passes', 'on top at 0.15'],
    rows: sigmaRows,
  },
  equal: {
    titles: ['network', 'layer', 'shape', 'known of the head', 'largest difference'],
    rows: equalityRows,
  },
  times: {
    titles: ['what', 'multiply-adds', 'estimated', 'measured', 'estimated / measured'],
    rows: estimateRows,
  },
} as const;

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

for (const [name, { titles, rows }] of Object.entries(tables)) {
  if (values.only !== undefined && values.only !== name) continue;
  await report.guard(name, async () => {
    const found = await rows(skip);
    const table = [line(titles), line(titles.map(() => '---')), ...found.map(line)].join('\n');
    process.stdout.write(`${table}\n`);
    report.check(name, found.length > 0, `${found.length} rows`);
    if (values.write !== true || missing.size > 0) return;
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const page = readFileSync(path, 'utf8');
    const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(end)];
    writeFileSync(path, `${page.slice(0, from)}\n\n${table}\n\n${page.slice(to)}`);
  });
}
report.close();
