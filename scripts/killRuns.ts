/**
 * Kills `jetgrad explain` at random moments and looks at what it leaves: `npm run kills -- [--kills 50] [--pictures 200] [--seed 0]
 * [--within 3000]` (milliseconds). Every file must be whole, the manifest true, finished pictures there; and at last a run must end with
 * nothing lost and nothing done twice. `npm run build` first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { killRuns } from '../test/support/killedRuns.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    pictures: { type: 'string', default: '200' },
    seed: { type: 'string', default: '0' },
    within: { type: 'string', default: '3000' },
  },
});
const [kills, pictures, seed, within] = [values.kills, values.pictures, values.seed, values.within].map(
  Number,
);
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-kills-'));
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const report = createReport();
try {
  const command = [process.execPath, main];
  const { killed, last } = await killRuns({ folder, pictures, kills, seed, within, command });
  for (const [i, { round, after, finished, lost, broken, untrue, unsaid }] of killed.entries()) {
    const figures = `round ${round}, ${finished} finished, lost ${lost.length}, half-written ${broken.length}, untrue ${untrue.length}, being replaced ${unsaid.length}`;
    const ok = lost.length + broken.length + untrue.length === 0 && unsaid.length <= 1;
    report.check(`kill ${i + 1} after ${after} ms`, ok, figures);
  }
  const { code, finished, again, untrue, left } = last;
  const ok = code === 0 && finished === pictures && again.length + untrue.length + left.length === 0;
  report.check(
    'the last run',
    ok,
    `exit ${code}, ${finished} finished, ${again.length} done twice, ${untrue.length} untrue, ${left.length} left over`,
  );
  const sum = (count: (one: (typeof killed)[number]) => number) =>
    killed.reduce((total, one) => total + count(one), 0);
  report.note(
    `lost ${sum(({ lost }) => lost.length)}, half-written ${sum(({ broken }) => broken.length)}, manifest true ${sum(({ untrue }) => (untrue.length === 0 ? 1 : 0))} of ${kills}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report.close();
