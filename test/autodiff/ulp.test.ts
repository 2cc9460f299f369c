import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as op from '../../src/autodiff/operations.ts';
import { larger, ledgerFunctions, measure, measureAll, readLedger, readReferences } from './ulp.ts';

const test = suite('errors in units of the last place');
const measured = measureAll();
const ledger = readLedger();

/** What an algorithm may add to the rounding of its result and of its argument. */
const BEYOND = 16;
const ELEMENTARY = 2;

/** Rows above the bar, and why they may be. */
const excused: Readonly<Record<string, { readonly beyond: number; readonly why: string }>> = {
  mish: {
    beyond: 200,
    why: 'near 0 c5 is 150 times smaller than the terms it is a sum of',
  },
};

test('every function has references and an entry, and nothing else has', () => {
  const names = Object.keys(ledgerFunctions).sort();
  assert.equal([...readReferences().keys()].sort(), names);
  assert.equal(Object.keys(ledger).sort(), names);
});

for (const [name, row] of Object.entries(measured)) {
  test(`${name}: no worse than its entry`, () => {
    const worse = larger(row, ledger[name]);
    assert.equal(worse, [], `${name}: ${worse.join(', ')}; worst: ${row.where}`);
  });
  test(`${name}: the point is to blame for what is more than ${BEYOND} ULP`, () => {
    assert.ok(row.beyond <= (excused[name]?.beyond ?? BEYOND), `${row.beyond}: ${row.where}`);
  });
}

test('values of elementary functions are within 2 ULP', () => {
  const compositions = /^(gelu|swish|mish|silu|hardS|power \d+$)/;
  for (const [name, { coefficients }] of Object.entries(measured)) {
    if (!compositions.test(name)) assert.ok(coefficients[0] <= ELEMENTARY, `${name}: ${coefficients[0]}`);
  }
});

test('a function that is off by 1e-12 is caught', () => {
  const off = measure((x) => op.mul(1 + 1e-12, op.exp(x)), readReferences().get('exp')!);
  assert.ok(
    larger({ ...off, coefficients: off.coefficients }, ledger.exp).includes(
      `c0 ${off.coefficients[0]} > ${ledger.exp.coefficients[0]}`,
    ),
  );
});

const tighter = Object.entries(ledger).flatMap(([name, row]) =>
  larger(row, measured[name] ?? row).map((each) => `${name}: ${each}`),
);
if (tighter.length > 0) {
  process.stdout.write(
    `errors are smaller on this engine than in test/fixtures/ulp/ledger.json, which npm run ulp -- --write tightens where the other engines allow it:\n`,
  );
  for (const line of tighter) process.stdout.write(`  ${line}\n`);
}

test.run();
