/** What is told of the bundled networks is what they do. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countParameters } from '../../src/model/data/parameters.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { predictions } from '../../weights/accuracy.ts';
import { HELD_OUT_SEED, unseen } from '../../weights/batches.ts';
import { learned } from '../../weights/builder.ts';
import { networks } from '../../weights/networks.ts';

const test = suite('bundled networks');

const folder = fileURLToPath(new URL('../../weights/', import.meta.url));
const readme = readFileSync(`${folder}README.md`, 'utf8');
const SCENES = 1200;
const percent = (part: number, whole: number, digits: number) => ((100 * part) / whole).toFixed(digits);

for (const name of Object.keys(networks)) {
  const log = readFileSync(`${folder}logs/${name}.txt`, 'utf8');
  const missed = (/^missed: (.*)$/m.exec(log) as RegExpExecArray)[1].split(' ').map(Number);
  const data = parseModelData(readFileSync(`${folder}${name}.json`, 'utf8'));

  test(`${name}: README and log tell the same accuracy, that of the scenes listed as missed`, () => {
    const all = percent(SCENES - missed.length, SCENES, 2);
    assert.match(log, `${countParameters(data, learned(data))} parameters`);
    assert.match(log, `held-out accuracy ${all} % of ${SCENES} scenes`);
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    const cells = row.split(' | ');
    const counts = [1, 2, 3, 4].map((count) => {
      const lost = missed.filter((at) => unseen(HELD_OUT_SEED, at).count === count).length;
      return percent(SCENES / 4 - lost, SCENES / 4, 1);
    });
    const parameters = countParameters(data, learned(data)).toLocaleString('en');
    assert.equal(cells.slice(3, 6), [parameters, `${all} %`, `${counts.join(', ')} %`]);
  });

  test(`${name} misses those held-out scenes, and no others`, async () => {
    const places = [...missed.slice(0, 8), ...Array.from({ length: 24 }, (_, i) => i * 50 + (i % 12))];
    const taken = await predictions(data, HELD_OUT_SEED, places);
    const lost = places.filter((at, i) => taken[i] !== unseen(HELD_OUT_SEED, at).classIndex);
    assert.equal(
      lost,
      places.filter((at) => missed.includes(at)),
    );
  });

  test(`${name} is as good as was asked for`, () => {
    assert.ok(1 - missed.length / SCENES >= (name === 'scenes-vit' ? 0.93 : 0.97));
  });
}

test('the files together are small', () => {
  const sizes = Object.keys(networks).map((name) => statSync(`${folder}${name}.json`).size);
  assert.ok(sizes.reduce((a, b) => a + b, 0) < 8e6);
});

test.run();
