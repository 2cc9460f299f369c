import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { predict } from '../../src/autodiff/diagonal/predict.ts';
import { explain } from '../../src/cam/explain.ts';
import { defaultMethodNames } from '../../src/cam/methods.ts';
import { createScore, scoreNames } from '../../src/cam/score.ts';
import { passesFor } from '../../src/cli/explain/announceWork.ts';
import { secondsOfPasses } from '../../src/cli/shared/estimate.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { Model } from '../../src/model/model.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import { setThreads } from '../../src/node/setThreads.ts';
import { formatMagnitude } from '../../src/tensor/formatNumber.ts';
import { castTo, type Tensor } from '../../src/tensor/tensor.ts';
import { data } from '../../test/support/check.ts';
import { classifiers, open, present } from './networks.ts';

const SAMPLES = 4;

/** Seconds of the processor in this process: others on the machine leave them as they are. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface Timed {
  readonly seconds: number;
  readonly multiplyAdds: number;
  readonly estimated: number;
}

async function diagonalTime(model: Model, input: Tensor, score: (typeof scoreNames)[number]): Promise<Timed> {
  const at = await model.split(undefined, { trunkPrecision: 'float64' }).at(castTo(input, 'float64'));
  const chosen = createScore(score, { classIndex: 242, ending: model.logits.ending });
  const started = used();
  const { plan } = diagonal(at.head, at.activation, { score: chosen });
  return {
    seconds: used() - started,
    multiplyAdds: plan.multiplyAdds,
    estimated: predict(plan).seconds,
  };
}

async function explainTime(model: Model, input: Tensor, score: (typeof scoreNames)[number]): Promise<Timed> {
  const layer = model.findLayer();
  const { layout = { kind: 'NCHW' } } = model.split(layer);
  const methods = score === 'logit' ? (['gradcam', 'smoothgrad'] as const) : defaultMethodNames;
  const wanted = { method: methods, score, sigma: 0.15, samples: SAMPLES };
  const passes = passesFor({ model, layer, layout, classes: undefined, select: undefined }, wanted);
  let multiplyAdds = passes * model.layers.reduce((sum, each) => sum + each.multiplyAdds, 0);
  let estimated = secondsOfPasses(multiplyAdds);
  const started = used();
  await explain(model, input, {
    ...{ layer, methods, score, samples: SAMPLES },
    onPlan(plan, times) {
      multiplyAdds += times * plan.multiplyAdds;
      estimated += times * predict(plan).seconds;
    },
  });
  return { seconds: used() - started, multiplyAdds, estimated };
}

const digits = (seconds: number) => `${Number(seconds.toPrecision(2))} s`;

/** What the command says of long work and what it takes, on one thread: squeezenet1.1, the derivatives of its default layer, and maps. */
export async function estimateRows(skip: (path: string) => void): Promise<string[][]> {
  const [network] = present([classifiers[0]], skip);
  const [picture] = present([{ path: data('images/both.png') }], skip);
  if (network === undefined || picture === undefined) return [];
  setThreads(1);
  const model = await open(network);
  const { input } = preprocessFor(model, await loadPicture(picture.path));
  // The first pass of a model makes its programs ready.
  await explain(model, input, { samples: 1 });
  const rows: string[][] = [];
  const add = (what: string, { seconds, multiplyAdds, estimated }: Timed) =>
    rows.push([
      ...[what, formatMagnitude(multiplyAdds), digits(estimated), digits(seconds)],
      String(Number((estimated / seconds).toPrecision(2))),
    ]);
  for (const score of scoreNames)
    add(`diagonal, its plan chosen, \`${score}\``, await diagonalTime(model, input, score));
  for (const score of scoreNames) {
    // The ++ methods have no curvature to read there.
    const methods = score === 'logit' ? 'Grad-CAM and SmoothGrad' : 'four methods';
    add(`explain, ${methods}, ${SAMPLES} samples, \`${score}\``, await explainTime(model, input, score));
  }
  setThreads(undefined);
  return rows;
}
