import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { accumulateEvidence } from '../../src/cam/accumulateEvidence.ts';
import { logitOf } from '../../src/cam/contrast.ts';
import { rankOf } from '../../src/cam/diagnostics.ts';
import { camMap, normalizeMap } from '../../src/cam/map.ts';
import type { Numerator } from '../../src/cam/method.ts';
import { noiseStdOf, noisyInput } from '../../src/cam/noise.ts';
import { createScore, probabilities } from '../../src/cam/score.ts';
import type { Selection } from '../../src/cam/select.ts';
import { smoothGradCamPlusPlus } from '../../src/cam/smoothGradCamPlusPlus.ts';
import type { Model } from '../../src/model/model.ts';
import { castTo, contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';

export interface AveragedRun {
  readonly layer?: string;
  readonly classIndex: number;
  readonly against?: number;
  readonly samples: number;
  readonly sigma: number;
  readonly numerator?: Numerator;
  readonly select?: Selection;
}

/** Smooth Grad-CAM++ by its definition, whatever the head: derivatives of every noisy sample, their means, α. */
export async function averagedMap(model: Model, image: Tensor, run: AveragedRun): Promise<Tensor> {
  const { layer, classIndex, against, samples, sigma, numerator, select } = run;
  const split = model.split(layer);
  const [activation] = [(await split.at(image)).activation].map((a) =>
    fromData(contiguous(a).data, a.shape.slice(1)),
  );
  const frame = {
    activation,
    classIndex,
    score: 'exp' as const,
    seed: 0,
    sigma,
    noiseStd: noiseStdOf(image, sigma),
  };
  const evidence = accumulateEvidence(frame);
  const score = createScore('exp', { classIndex, against });
  for (let sample = 0; sample < samples; sample++) {
    const at = await split.at(noisyInput(image, { sigma, seed: 0, sample }));
    const { y, logScale, d1, d2, d3, logits } = diagonal(at.head, castTo(at.activation, 'float64'), {
      score,
    });
    const z = logits as Tensor;
    const own = (d: Tensor) => fromData(contiguous(d).data, activation.shape);
    evidence.add({
      ...{ y, logScale, d1: own(d1), d2: own(d2), d3: own(d3) },
      logit: contiguous(logitOf(z, { classIndex, against })).data[0],
      probability: probabilities(z)[classIndex],
      rank: rankOf(contiguous(z).data, classIndex),
    });
  }
  const result = smoothGradCamPlusPlus(evidence.evidence(), { numerator, select });
  return normalizeMap(camMap(activation, result.weights, { select }));
}
