import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evidenceOf } from '../../src/cam/evidence.ts';
import { gradCam } from '../../src/cam/gradCam.ts';
import { gradCamPlusPlus } from '../../src/cam/gradCamPlusPlus.ts';
import type { ScoreName } from '../../src/cam/score.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { close, withData } from '../support/check.ts';

const test = suite('cam on derivatives from PyTorch');

interface Golden {
  readonly activation: { readonly shape: number[]; readonly data: number[] };
  readonly cases: readonly {
    readonly score: ScoreName;
    readonly classIndex: number;
    readonly y: number;
    readonly d1: number[];
    readonly d2: number[];
    readonly d3: number[];
  }[];
}

function evidenceFrom({ activation, cases }: Golden, score: ScoreName) {
  const found = cases.find((each) => each.score === score);
  if (found === undefined) throw new Error(`no case of the score ${score}`);
  const shape = activation.shape.slice(1);
  return evidenceOf({
    activation: tensor(activation.data, shape),
    score,
    classIndex: found.classIndex,
    y: found.y,
    d1: tensor(found.d1, shape),
    d2: tensor(found.d2, shape),
    d3: tensor(found.d3, shape),
  });
}

for (const name of ['vgg', 'vggdeep', 'resnet', 'wide']) {
  withData(
    test,
    `goldens/${name}.json`,
    `${name}: exp on a piecewise-linear head has α = 1/(2 + g ΣA)`,
    (file) => {
      const golden: Golden = JSON.parse(readFileSync(file, 'utf8'));
      const a = golden.activation.data;
      const shape = golden.activation.shape.slice(1);
      const size = shape[1] * shape[2];
      const exp = evidenceFrom(golden, 'exp');
      const logit = evidenceFrom(golden, 'logit');
      const g = logit.d1.data;
      const wanted = Array.from({ length: shape[0] }, (_, k) => {
        const total = a.slice(k * size, (k + 1) * size).reduce((sum, value) => sum + value);
        let weight = 0;
        for (let i = k * size; i < (k + 1) * size; i++) {
          if (g[i] > 0) weight += (exp.y * g[i]) / (2 + g[i] * total);
        }
        return weight;
      });
      const { weights, counts } = gradCamPlusPlus(exp);
      close(weights, wanted, { relative: 1e-10 });
      // entries that do not reach the class are dead, all others have curvature
      assert.is(counts.dead, g.filter((value) => value === 0).length);
      assert.is(counts.singular, 0);
      const means = wanted.map((_, k) => {
        let sum = 0;
        for (let i = k * size; i < (k + 1) * size; i++) sum += g[i];
        return sum / size;
      });
      close(gradCam(logit).weights, means, { relative: 1e-14 });
    },
  );
}

test.run();
