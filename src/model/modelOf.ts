import { moreOperators } from '../layers/more.ts';
import { InputError } from '../tensor/errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { ModelData, Preprocessing } from './data/format.ts';
import type { Logits } from './graph/logits.ts';
import { createModel, type Model, type ModelOptions } from './model.ts';

/** What a model file may not say. */
export interface NamedModelOptions extends ModelOptions {
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[] | undefined;
  /** How pictures are prepared, instead of what the file says. */
  readonly preprocessing?: Preprocessing | undefined;
}

/** The logits of a model, or of the output by that name; undefined where its outputs do not say. */
export function logitsIn(model: Pick<Model, 'findLogits'>, output?: string): Logits | undefined {
  try {
    return model.findLogits(output);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** How many classes the logits have; undefined where there are none, or their shape is not known. */
export function classCount(model: Pick<Model, 'layers' | 'findLogits'>, output?: string): number | undefined {
  const logits = logitsIn(model, output);
  const shape = model.layers.find(({ tensor }) => tensor === logits?.tensor)?.shape;
  return shape && sizeOf(shape.length > 1 ? shape.slice(1) : shape);
}

function checkLabels(model: Model, labels: readonly string[]): void {
  const count = classCount(model);
  if (count === undefined || count === labels.length) return;
  throw new InputError(
    `Cannot use the labels: there are ${labels.length}, the model ${model.name} has ${count} classes`,
  );
}

/** The model with labels and preprocessing in place of its own. */
export function withOptions(data: ModelData, { labels, preprocessing }: NamedModelOptions): ModelData {
  const [image, ...others] = data.inputs;
  return {
    ...data,
    ...(labels && { labels }),
    ...(preprocessing && image && { inputs: [{ ...image, preprocessing }, ...others] }),
  };
}

/** @throws InputError for labels that are not one per class; UnsupportedOperationError naming every such operation. */
export function modelOf(data: ModelData, options: NamedModelOptions = {}): Model {
  const { maxMemory, operators } = options;
  const model = createModel(withOptions(data, options), {
    maxMemory,
    operators: { ...moreOperators, ...operators },
  });
  if (options.labels !== undefined) checkLabels(model, options.labels);
  return model;
}
