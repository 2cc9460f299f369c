/**
 * Prints the errors of every elementwise function in units of the last place, worst first: `npm run ulp`. With --write it
 * writes them to test/fixtures/ulp/ledger.json, where they may only become smaller: --allow-worse lets them grow. Engines round Math.pow
 * differently: --widen keeps the larger of an entry and what is measured, so that run after --write on the other Nodes that are
 * supported (npm run ok:nodes brings them) the entries hold on all of them.
 */
import { larger, measureAll, readLedger, writeLedger } from '../test/autodiff/ulp.ts';

const flags = process.argv.slice(2);
const unknown = flags.find((flag) => !['--write', '--allow-worse', '--widen'].includes(flag));
if (unknown !== undefined) {
  process.stderr.write(
    `Cannot run ulp: --write, --allow-worse and --widen are its options, got ${unknown}\n`,
  );
  process.exit(2);
}
const measured = measureAll();
const rows = Object.entries(measured).sort(([, a], [, b]) => b.beyond - a.beyond);
const columns = ['function', 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'nested', 'beyond', 'where'];
const widths = [14, 8, 8, 8, 8, 8, 8, 8, 8, 8, 0];
const print = (cells: readonly (string | number)[]) =>
  process.stdout.write(
    `${cells
      .map((cell, i) => String(cell).padEnd(widths[i]))
      .join(' ')
      .trimEnd()}\n`,
  );
print(columns);
for (const [name, { coefficients, nested, beyond, where }] of rows) {
  print([name, ...coefficients, nested, beyond, where]);
}
if (flags.includes('--write')) {
  const before = readLedger();
  const worse = rows.flatMap(([name, row]) =>
    before[name] === undefined ? [] : larger(row, before[name]).map((each) => `${name}: ${each}`),
  );
  if (worse.length > 0 && !flags.includes('--allow-worse')) {
    process.stderr.write(`Cannot write the ledger: errors have grown; ${worse.join('; ')}\n`);
    process.exit(1);
  }
  writeLedger(measured);
}

if (flags.includes('--widen')) {
  const before = readLedger();
  const wider = Object.entries(measured).map(([name, row]) => {
    const old = before[name] ?? row;
    const isWorse = row.beyond > old.beyond;
    return [
      name,
      {
        ...old,
        coefficients: row.coefficients.map((each, k) => Math.max(each, old.coefficients[k])),
        nested: Math.max(row.nested, old.nested),
        beyond: Math.max(row.beyond, old.beyond),
        where: isWorse ? row.where : old.where,
      },
    ] as const;
  });
  writeLedger(Object.fromEntries(wider));
}
