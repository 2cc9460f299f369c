import { reshape } from '../../autodiff/operations.ts';
import { type RankedClass, topIndices } from '../../cam/explanation.ts';
import { probabilities } from '../../cam/score.ts';
import type { Model } from '../../model/model.ts';
import { logitsIn } from '../../model/modelOf.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';

type Top = Pick<RankedClass, 'classIndex' | 'label' | 'probability'>;

/** The most probable classes by the output of the logits, where that is one number for each class of one image; else none. */
export function topClasses(model: Model, results: Readonly<Record<string, Tensor>>): Top[] {
  const logits = logitsIn(model);
  if (logits === undefined) return [];
  const isOfLogits = (name: string) => logitsIn(model, name)?.tensor === logits.tensor;
  const outputs = model.outputs.map(({ name }) => results[name]);
  const output = outputs.find((each, i) => sizeOf(each.shape) > 1 && isOfLogits(model.outputs[i].name));
  const classes = output?.shape.find((length) => length > 1);
  if (output === undefined || classes === undefined || classes !== sizeOf(output.shape)) return [];
  const values = Array.from(contiguous(output).data);
  if (!values.every(Number.isFinite)) return [];
  const { ending } = logitsIn(model, model.outputs[outputs.indexOf(output)].name) ?? logits;
  if (model.labels === undefined ? ending === 'sigmoid' : model.labels.length !== classes) return [];
  const p =
    ending === 'none'
      ? probabilities(reshape(output, [-1]), ending)
      : // Of two numbers or more one is negative where they are logarithms.
        values.map((value) => (values.some((each) => each < 0) ? Math.exp(value) : value));
  return topIndices(p).map((classIndex) => ({
    classIndex,
    label: model.labels?.[classIndex],
    probability: p[classIndex],
  }));
}
